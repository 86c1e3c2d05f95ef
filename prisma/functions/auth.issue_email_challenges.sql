-- Challenges of the current project by mail, each found by its own keys as auth.issue_one_time_tokens does; answers the ids of those that
-- may be mailed. Of one address and purpose only the latest comes here.
create or replace function auth.issue_email_challenges(p_challenges jsonb) returns setof uuid
  language plpgsql volatile
  as $$
declare
  v_project uuid := auth.current_project_id();
  v_new record;
begin
  for v_new in
    select c.id, c.purpose, c.address, c.address_typed, decode(c.link_digest, 'hex') as link_digest,
        decode(c.code_digest, 'hex') as code_digest, c.create_user, c.redirect_to, c.code_challenge, c.created_at, c.expires_at,
        c.code_expires_at
      from jsonb_to_recordset(p_challenges) c (id uuid, purpose text, address text, address_typed text, link_digest text, code_digest text,
        create_user boolean, redirect_to text, code_challenge text, created_at timestamptz, expires_at timestamptz,
        code_expires_at timestamptz)
  loop
    if exists (select from auth.email_challenge newer where newer.project_id = v_project and newer.address = v_new.address
        and newer.purpose = v_new.purpose and newer.created_at > v_new.created_at) then
      continue;
    end if;
    insert into auth.email_challenge as kept (project_id, id, purpose, address, address_typed, link_digest, code_digest, create_user,
        redirect_to, code_challenge, created_at, expires_at, code_expires_at)
      values (v_project, v_new.id, v_new.purpose, v_new.address, v_new.address_typed, v_new.link_digest, v_new.code_digest,
        v_new.create_user, v_new.redirect_to, v_new.code_challenge, v_new.created_at, v_new.expires_at, v_new.code_expires_at)
      on conflict (project_id, id) do update set expires_at = excluded.expires_at, code_expires_at = excluded.code_expires_at
        where kept.consumed_at is null and kept.voided_at is null;
    -- Spent or voided since: no mail.
    continue when not found;
    update auth.email_challenge earlier set voided_at = v_new.created_at
      where earlier.project_id = v_project and earlier.address = v_new.address and earlier.purpose = v_new.purpose
        and earlier.id <> v_new.id and earlier.created_at < v_new.created_at and earlier.consumed_at is null and earlier.voided_at is null;
    return next v_new.id;
  end loop;
end $$;

revoke all on function auth.issue_email_challenges from public;
grant execute on function auth.issue_email_challenges to portico_worker;
