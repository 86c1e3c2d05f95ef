-- Secrets of tenants' webhook endpoints, for the rotation of the master key; with p_fresh one is replaced, unless it changed meanwhile.
create or replace function auth.sealed_tenant_webhooks(p_id uuid, p_before bytea, p_fresh bytea)
  returns table (tenant_id uuid, id uuid, sealed bytea)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if p_fresh is not null then
    return query update platform.webhook_endpoint e set secret_sealed = p_fresh where e.id = p_id and e.secret_sealed = p_before
      returning e.tenant_id, e.id, e.secret_sealed;
  else
    return query select e.tenant_id, e.id, e.secret_sealed from platform.webhook_endpoint e;
  end if;
end $$;

alter function auth.sealed_tenant_webhooks owner to portico_maintenance;
revoke all on function auth.sealed_tenant_webhooks from public;
grant execute on function auth.sealed_tenant_webhooks to portico_control;
