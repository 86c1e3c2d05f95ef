-- The oldest project that a tenant has, with which messages about the tenant itself are kept; null: it has none, and nobody to tell.
create or replace function auth.project_of_tenant(p_tenant uuid) returns uuid
  language plpgsql stable set search_path = pg_catalog
  as $$
begin
  return (select p.id from platform.project p where p.tenant_id = p_tenant order by p.archived_at is not null, p.created_at, p.id limit 1);
end $$;

revoke all on function auth.project_of_tenant from public;
grant execute on function auth.project_of_tenant to portico_maintenance;
