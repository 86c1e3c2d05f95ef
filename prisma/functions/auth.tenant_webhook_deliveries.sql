-- What was sent to an endpoint of a tenant, newest first, over all projects that it heard; one with p_id. Of another tenant: nothing.
create or replace function auth.tenant_webhook_deliveries(p_tenant uuid, p_endpoint uuid, p_id uuid, p_status text, p_before timestamptz,
    p_before_id uuid, p_limit integer, p_offset integer)
  returns table (project_id uuid, id uuid, endpoint_id uuid, message_id text, type text, status text, attempts integer,
    next_attempt_at timestamptz, created_at timestamptz, done_at timestamptz, log jsonb, body text)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant) then
    return;
  end if;
  return query
  -- What happened to the tenant itself is of no project.
  select case when m.body::json ->> 'project_id' is not null then d.project_id end, d.id,
    d.endpoint_id, d.message_id, m.type, d.status, d.attempts,
    case when d.status = 'pending' then d.next_attempt_at end, d.created_at, d.done_at, d.log, m.body
  from auth.webhook_delivery d
  join auth.webhook_message m on m.project_id = d.project_id and m.id = d.message_id
  where d.endpoint_id = p_endpoint and (p_id is null or d.id = p_id) and (p_status is null or d.status = p_status)
    and (p_before is null or (d.created_at, d.id) < (p_before, p_before_id))
  order by d.created_at desc, d.id desc limit p_limit offset p_offset;
end $$;

alter function auth.tenant_webhook_deliveries owner to portico_maintenance;
revoke all on function auth.tenant_webhook_deliveries from public;
grant execute on function auth.tenant_webhook_deliveries to portico_control;
