-- Cache invalidation, as auth.notify_project, for what a project's own row says.
create or replace function platform.notify_project() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_project', new.id::text);
  return null;
end $$;

revoke all on function platform.notify_project from public;
grant execute on function platform.notify_project to portico_control, portico_maintenance;

create or replace trigger notify_project after update on platform.project for each row execute function platform.notify_project();
