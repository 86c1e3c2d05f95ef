-- Secrets of tenants' senders, for the rotation of the master key; with p_fresh one is replaced, unless it changed meanwhile.
create or replace function auth.sealed_tenant_senders(p_tenant uuid, p_before bytea, p_fresh bytea)
  returns table (tenant_id uuid, id uuid, sealed bytea)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if p_fresh is not null then
    return query update platform.mail_sender t set secret_sealed = p_fresh where t.tenant_id = p_tenant and t.secret_sealed = p_before
      returning t.tenant_id, t.id, t.secret_sealed;
  else
    return query select t.tenant_id, t.id, t.secret_sealed from platform.mail_sender t where t.secret_sealed is not null;
  end if;
end $$;

alter function auth.sealed_tenant_senders owner to portico_maintenance;
revoke all on function auth.sealed_tenant_senders from public;
grant execute on function auth.sealed_tenant_senders to portico_control;
