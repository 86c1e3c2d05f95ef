-- Each token is found by its own keys. As joins the plan hung on what the table looked like when it was analysed: in the first minutes of
-- an installation, and after every burst, each round of mails read all tokens of the project.
-- The tokens come with digests of their own, and of one purpose and person only the latest where only that counts.
create or replace function auth.issue_one_time_tokens(p_tokens jsonb) returns setof bytea
  language plpgsql volatile
  as $$
declare
  v_project uuid := auth.current_project_id();
  v_token record;
begin
  for v_token in
    select decode(t.digest, 'hex') as digest, t.purpose, t.end_user_id, t.payload, t.created_at, t.expires_at, t.only_latest
      from jsonb_to_recordset(p_tokens)
        t (digest text, purpose text, end_user_id uuid, payload jsonb, created_at timestamptz, expires_at timestamptz, only_latest boolean)
  loop
    if v_token.only_latest and exists (
      select from auth.one_time_token newer where newer.project_id = v_project and newer.end_user_id = v_token.end_user_id
        and newer.purpose = v_token.purpose and newer.created_at > v_token.created_at)
    then
      continue;
    end if;
    insert into auth.one_time_token as kept (project_id, digest, purpose, end_user_id, payload, created_at, expires_at)
      values (v_project, v_token.digest, v_token.purpose, v_token.end_user_id, v_token.payload, v_token.created_at, v_token.expires_at)
      on conflict (project_id, digest) do update set expires_at = excluded.expires_at where kept.consumed_at is null
        and kept.voided_at is null;
    -- Spent or voided since: no mail.
    continue when not found;
    if v_token.only_latest then
      update auth.one_time_token earlier set voided_at = v_token.created_at
        where earlier.project_id = v_project and earlier.end_user_id = v_token.end_user_id and earlier.purpose = v_token.purpose
          and earlier.digest <> v_token.digest and earlier.created_at < v_token.created_at and earlier.consumed_at is null
            and earlier.voided_at is null;
    end if;
    return next v_token.digest;
  end loop;
end $$;

revoke all on function auth.issue_one_time_tokens from public;
grant execute on function auth.issue_one_time_tokens to portico_control, portico_data, portico_worker;
