-- What waits for an endpoint of a project that is turned off has failed, and is counted: a part of that transaction. The same as
-- auth.fail_waiting_webhooks, where the project lies.
create or replace function auth.fail_project_webhooks(p_project uuid, p_endpoint uuid, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_rows bigint;
  v_hour timestamptz := date_trunc('hour', p_now, 'UTC');
begin
  if not exists (select 1 from auth.webhook_endpoint e where e.project_id = p_project and e.id = p_endpoint) then
    return;
  end if;
  update auth.webhook_delivery d set status = 'failed', done_at = p_now
    where d.project_id = p_project and d.endpoint_id = p_endpoint and d.status = 'pending';
  get diagnostics v_rows = row_count;
  if v_rows > 0 then
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count) values (p_project, v_hour, 'webhook', 'failed', v_rows)
      on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
  end if;
end $$;

alter function auth.fail_project_webhooks owner to portico_maintenance;
revoke all on function auth.fail_project_webhooks from public;
grant execute on function auth.fail_project_webhooks to portico_control;
