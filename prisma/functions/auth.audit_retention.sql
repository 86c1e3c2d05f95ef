-- For how many days the audit rows of a tenant and its projects are kept; null for ever.
create or replace function auth.audit_retention(p_tenant uuid) returns integer
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return (select t.retention_days from metering.tenant_audit t where t.tenant_id = p_tenant);
end $$;

alter function auth.audit_retention owner to portico_maintenance;
revoke all on function auth.audit_retention from public;
grant execute on function auth.audit_retention to portico_control;
