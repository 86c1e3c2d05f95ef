-- Disabling a user ends what their sessions could do; same channel and payload as auth.notify_sessions_ended.
create or replace function auth.notify_user_disabled() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_session', old.project_id || ':' || old.id);
  return null;
end $$;

revoke all on function auth.notify_user_disabled from public;
grant execute on function auth.notify_user_disabled to portico_control, portico_data, portico_maintenance, portico_worker;

create or replace trigger notify_user_disabled after update of disabled_at on auth.end_user for each row
  when (old.disabled_at is null and new.disabled_at is not null) execute function auth.notify_user_disabled();
