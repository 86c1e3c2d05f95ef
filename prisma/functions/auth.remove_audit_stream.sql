-- Streams the audit log of a tenant nowhere any more; whether it was streamed.
create or replace function auth.remove_audit_stream(p_tenant uuid, p_audit jsonb, p_now timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  delete from metering.audit_stream s where s.tenant_id = p_tenant;
  if not found then return false; end if;
  perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
  return true;
end $$;

alter function auth.remove_audit_stream owner to portico_maintenance;
revoke all on function auth.remove_audit_stream from public;
grant execute on function auth.remove_audit_stream to portico_control;
