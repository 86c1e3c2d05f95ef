-- The service row exists as long as the project does, so a project without auth has an env_version too; and so do its totals.
create or replace function auth.create_service() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  insert into auth.service (project_id, created_at, updated_at) values (new.id, new.created_at, new.created_at);
  insert into auth.project_total (project_id) values (new.id);
  return new;
end $$;

alter function auth.create_service owner to portico_maintenance;
revoke all on function auth.create_service from public;
grant execute on function auth.create_service to portico_control, portico_worker;

create or replace trigger create_service after insert on platform.project for each row execute function auth.create_service();
