-- As auth.replay_webhooks, over the projects that an endpoint of a tenant hears; at most p_limit in all.
create or replace function auth.replay_tenant_webhooks(p_tenant uuid, p_endpoint uuid, p_since timestamptz, p_until timestamptz,
    p_types text[], p_now timestamptz, p_limit integer) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_project uuid;
  v_count integer := 0;
begin
  for v_project in
    select p.id from platform.webhook_endpoint e join platform.project p on p.tenant_id = e.tenant_id
    where e.id = p_endpoint and e.tenant_id = p_tenant and e.disabled_at is null and (e.project_ids = '{}' or p.id = any (e.project_ids))
    order by p.created_at, p.id
  loop
    v_count := v_count + auth.replay_webhooks(v_project, p_endpoint, p_since, p_until, p_types, p_now, p_limit - v_count);
    exit when v_count >= p_limit;
  end loop;
  return v_count;
end $$;

alter function auth.replay_tenant_webhooks owner to portico_maintenance;
revoke all on function auth.replay_tenant_webhooks from public;
grant execute on function auth.replay_tenant_webhooks to portico_control;
