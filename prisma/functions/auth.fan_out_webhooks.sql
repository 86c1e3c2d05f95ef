-- A delivery for each endpoint, of the project or of its tenant, that wants to hear of an event of the range: a part of
-- auth.hand_on_events, so that an event is never handed on without them. p_types are the events that a webhook may carry.
create or replace function auth.fan_out_webhooks(p_after_tx xid8, p_after_number bigint, p_to_tx xid8, p_to_number bigint, p_floor bigint,
    p_types text[], p_now timestamptz) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
declare
  v_event record;
  v_message text;
  v_count integer := 0;
begin
  for v_event in
    select e.*, false as of_tenant, w.endpoints from auth.events_between(p_after_tx, p_after_number, p_to_tx, p_to_number, p_floor) e
    cross join lateral (select array_agg(x.id) as endpoints from (
      select w.id from auth.webhook_endpoint w
      where w.project_id = e.project_id and w.disabled_at is null and (w.types = '{}' or e.action = any (w.types))
      union all
      select t.id from platform.project p join platform.webhook_endpoint t on t.tenant_id = p.tenant_id
      where p.id = e.project_id and t.disabled_at is null and (t.types = '{}' or e.action = any (t.types))
        and (t.project_ids = '{}' or e.project_id = any (t.project_ids))) x) w
    where e.action = any (p_types) and w.endpoints is not null
    union all
    -- What happened to the tenant itself is told to those endpoints of it that hear all its projects.
    select e.tx, e.number, auth.project_of_tenant(e.tenant_id), e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id,
      e.metadata, e.created_at, true, w.endpoints
    from platform.audit_event e cross join lateral (select array_agg(t.id) as endpoints from platform.webhook_endpoint t
      where t.tenant_id = e.tenant_id and t.disabled_at is null and t.project_ids = '{}' and (t.types = '{}' or e.action = any (t.types))) w
    where (e.tx, e.number) > (p_after_tx, p_after_number) and (e.tx, e.number) <= (p_to_tx, p_to_number) and e.number > p_floor
      and e.action = any (p_types) and e.resource <> 'project' and w.endpoints is not null
      and auth.project_of_tenant(e.tenant_id) is not null
    order by tx, number
  loop
    v_message := auth.write_webhook_message(v_event.project_id, v_event.number, v_event.action, v_event.actor_type, v_event.actor_id,
      v_event.resource, v_event.resource_id, v_event.metadata, v_event.created_at, v_event.of_tenant);
    insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
      select v_event.project_id, w, v_message,
        case when v_event.resource = 'end_user' then v_event.resource_id when v_event.actor_type = 'end_user' then v_event.actor_id end,
        v_event.number, p_now, p_now
      from unnest(v_event.endpoints) w;
    v_count := v_count + cardinality(v_event.endpoints);
  end loop;
  return v_count;
end $$;

alter function auth.fan_out_webhooks owner to portico_maintenance;
revoke all on function auth.fan_out_webhooks from public;
