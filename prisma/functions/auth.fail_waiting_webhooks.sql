-- What waits for an endpoint that is turned off has failed, and is counted. p_owner: its project or tenant.
create or replace function auth.fail_waiting_webhooks(p_owner uuid, p_endpoint uuid, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_known uuid[] := '{}';
  v_projects uuid[] := '{}';
  v_project uuid;
  v_rows integer;
begin
  if exists (select 1 from auth.webhook_endpoint e where e.project_id = p_owner and e.id = p_endpoint) then
    v_known := array[p_owner];
  elsif exists (select 1 from platform.webhook_endpoint t where t.tenant_id = p_owner and t.id = p_endpoint) then
    select array_agg(distinct d.project_id) into v_known from auth.webhook_delivery d
      where d.endpoint_id = p_endpoint and d.status = 'pending';
  else
    return;
  end if;
  update platform.webhook_replay r set status = 'cancelled', done_at = p_now where r.endpoint_id = p_endpoint and r.status = 'running';
  foreach v_project in array coalesce(v_known, '{}') loop
    update auth.webhook_delivery d set status = 'failed', done_at = p_now
      where d.project_id = v_project and d.endpoint_id = p_endpoint and d.status = 'pending';
    get diagnostics v_rows = row_count;
    v_projects := v_projects || array_fill(v_project, array[v_rows]);
  end loop;
  if cardinality(v_projects) > 0 then
    perform auth.add_counts('webhook', v_projects, array_fill('failed'::text, array[cardinality(v_projects)]), null, p_now);
  end if;
end $$;

alter function auth.fail_waiting_webhooks owner to portico_maintenance;
revoke all on function auth.fail_waiting_webhooks from public;
grant execute on function auth.fail_waiting_webhooks to portico_control;
