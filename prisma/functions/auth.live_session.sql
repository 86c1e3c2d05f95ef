-- The session check behind every account call and /verify, with what a process needs to remember the session by. No row: ended, idle too
-- long, past its end, or its user is disabled or gone. last_used_at is written at most once a minute.
-- With p_organization also what the user is there now.
-- The user is a subquery and not a join: as one, a plan made while the tables were small or not yet analysed read all users of the project
-- (4 ms instead of 0.1).
create or replace function auth.live_session(p_project uuid, p_session uuid, p_now timestamptz, p_idle_seconds integer,
    p_organization uuid default null)
  returns table (session_id uuid, session_created_at timestamptz, last_used_at timestamptz, expires_at timestamptz, auth_time timestamptz,
    amr text[], end_user json, organization json)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
begin
  select s.id, s.end_user_id, s.created_at, s.last_used_at, s.expires_at, s.auth_time, s.amr,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into session_id, v_user, session_created_at, last_used_at, expires_at, auth_time, amr, end_user
    from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    return;
  end if;
  if last_used_at < p_now - interval '60 seconds' then
    if last_used_at < date_trunc('day', p_now, 'UTC') then
      perform auth.note_active(p_project, (end_user->>'id')::uuid, p_now);
    end if;
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session
      and s.last_used_at < p_now - interval '60 seconds';
  end if;
  if p_organization is not null then
    organization := auth.organization_claims(p_project, v_user, p_organization);
  end if;
  return next;
end $$;

revoke all on function auth.live_session from public;
grant execute on function auth.live_session to portico_control, portico_data;
