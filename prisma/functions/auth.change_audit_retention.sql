-- Sets for how long audit rows are kept, with the audit row of the change; nothing when it was so already.
create or replace function auth.change_audit_retention(p_tenant uuid, p_days integer, p_audit jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  insert into metering.tenant_audit (tenant_id, key)
    values (p_tenant, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
  update metering.tenant_audit t set retention_days = p_days where t.tenant_id = p_tenant and t.retention_days is distinct from p_days;
  if found then
    perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
  end if;
end $$;

alter function auth.change_audit_retention owner to portico_maintenance;
revoke all on function auth.change_audit_retention from public;
grant execute on function auth.change_audit_retention to portico_control;
