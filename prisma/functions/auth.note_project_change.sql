-- For changes of platform.project, which is written through Prisma: in the same transaction, as the control plane. As the owner, like the
-- trigger that makes the service of a new project, and without
-- a scope, since one that a function sets in a longer transaction does not go along to another machine.
create or replace function auth.note_project_change(p_of uuid, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  insert into auth.change (project_id, changed_at) values (p_of, p_now);
end $$;

alter function auth.note_project_change owner to portico_maintenance;
revoke all on function auth.note_project_change from public;
grant execute on function auth.note_project_change to portico_control;
