-- Secrets of streams of audit logs, for the rotation of the master key; with p_fresh one is replaced, unless it changed meanwhile.
create or replace function auth.sealed_audit_streams(p_id uuid, p_before bytea, p_fresh bytea)
  returns table (tenant_id uuid, id uuid, sealed bytea)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if p_fresh is not null then
    return query update metering.audit_stream e set secret_sealed = p_fresh where e.id = p_id and e.secret_sealed = p_before
      returning e.tenant_id, e.id, e.secret_sealed;
  else
    return query select e.tenant_id, e.id, e.secret_sealed from metering.audit_stream e;
  end if;
end $$;

alter function auth.sealed_audit_streams owner to portico_maintenance;
revoke all on function auth.sealed_audit_streams from public;
grant execute on function auth.sealed_audit_streams to portico_control;
