-- Owners and admins of a tenant, and the project of the console whose end users they are.
create or replace function auth.tenant_operators(p_tenant uuid) returns table (people_project_id uuid, user_id uuid)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query
    select c.people_project_id, m.user_id from platform.member m cross join platform.console c
      where m.tenant_id = p_tenant and m.role in ('owner', 'admin') order by m.created_at, m.user_id limit 100;
end $$;

alter function auth.tenant_operators owner to portico_maintenance;
revoke all on function auth.tenant_operators from public;
grant execute on function auth.tenant_operators to portico_worker;
