-- The same message once more to an endpoint of a tenant; answers the new delivery. null: no such delivery, or the endpoint is off.
create or replace function auth.resend_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_delivery uuid, p_now timestamptz) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_id uuid;
  v_project uuid;
begin
  if exists (select 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant and e.disabled_at is null) then
    select d.project_id into v_project from auth.webhook_delivery d where d.endpoint_id = p_endpoint and d.id = p_delivery;
  end if;
  insert into auth.webhook_delivery as n (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
    select d.project_id, d.endpoint_id, d.message_id, d.subject, d.number, p_now, p_now
    from auth.webhook_delivery d where d.project_id = v_project and d.endpoint_id = p_endpoint and d.id = p_delivery
    returning n.id into v_id;
  return v_id;
end $$;

alter function auth.resend_tenant_webhook owner to portico_maintenance;
revoke all on function auth.resend_tenant_webhook from public;
grant execute on function auth.resend_tenant_webhook to portico_control;
