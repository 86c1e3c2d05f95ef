-- As auth.test_webhook, about the oldest project that an endpoint of a tenant hears. null: there is none, no such endpoint, or it is off.
create or replace function auth.test_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_now timestamptz) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_project uuid := (select p.id from platform.webhook_endpoint e join platform.project p on p.tenant_id = e.tenant_id
    where e.id = p_endpoint and e.tenant_id = p_tenant and p.archived_at is null and (e.project_ids = '{}' or p.id = any (e.project_ids))
    order by p.created_at, p.id limit 1);
begin
  return case when v_project is not null then auth.test_webhook(v_project, p_endpoint, p_now) end;
end $$;

alter function auth.test_tenant_webhook owner to portico_maintenance;
revoke all on function auth.test_tenant_webhook from public;
grant execute on function auth.test_tenant_webhook to portico_control;
