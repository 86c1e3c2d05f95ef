-- An endpoint of a tenant was turned off (what waits for it has failed) or removed (its deliveries go): a part of that transaction.
create or replace function auth.end_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_remove boolean, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  -- Before its deliveries, as auth.finish_webhooks does.
  perform 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant for update;
  if not found then
    return;
  end if;
  if p_remove then
    delete from auth.webhook_delivery d where d.endpoint_id = p_endpoint;
  else
    perform auth.fail_waiting_webhooks(p_tenant, p_endpoint, p_now);
  end if;
end $$;

alter function auth.end_tenant_webhook owner to portico_maintenance;
revoke all on function auth.end_tenant_webhook from public;
grant execute on function auth.end_tenant_webhook to portico_control;
