-- Whose sessions ended. The payload is `project:user`; equal ones of a transaction are merged. Never on a sign-up, a login, a refresh or a
-- note of use: NOTIFY takes a lock that serialises commits.
create or replace function auth.notify_sessions_ended() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_session', old.project_id || ':' || old.end_user_id);
  return null;
end $$;

revoke all on function auth.notify_sessions_ended from public;
grant execute on function auth.notify_sessions_ended to portico_control, portico_data, portico_maintenance, portico_worker;

create or replace trigger notify_sessions_ended after update of ended_at on auth.session for each row
  when (old.ended_at is null and new.ended_at is not null) execute function auth.notify_sessions_ended();
create or replace trigger notify_session_deleted after delete on auth.session for each row
  when (old.ended_at is null) execute function auth.notify_sessions_ended();
