-- Cache invalidation. The payload is the project id; NOTIFY is sent at commit, so a listener never reads the old row.
create or replace function auth.notify_project() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_project', coalesce(new.project_id, old.project_id)::text);
  return null;
end $$;

revoke all on function auth.notify_project from public;
grant execute on function auth.notify_project to portico_control, portico_maintenance, portico_worker;

create or replace trigger notify_project after insert or update or delete on auth.service
  for each row execute function auth.notify_project();
create or replace trigger notify_project after insert or update or delete on auth.signing_key
  for each row execute function auth.notify_project();
create or replace trigger notify_project after insert or update or delete on auth.domain
  for each row execute function auth.notify_project();
