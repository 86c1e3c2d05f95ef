-- A delivery for each endpoint, of the project or of its tenant, that wants to hear of one of these events: a part of auth.hand_on_events,
-- so that an event is never handed on without them. p_of_tenants: what happened to tenants. p_types are the events that a webhook may
-- carry.
create or replace function auth.fan_out_webhooks(p_events jsonb, p_of_tenants jsonb, p_types text[], p_now timestamptz) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_projects uuid[] := array(select distinct e.project_id from jsonb_to_recordset(p_events) e (project_id uuid, action text)
    where e.action = any (p_types));
  v_endpoints jsonb;
  v_of_tenants jsonb;
  v_event record;
  v_message text;
  v_count integer := 0;
begin
  select jsonb_agg(jsonb_build_object('project_id', w.project_id, 'id', w.id, 'types', w.types)) into v_endpoints
    from auth.webhook_endpoint w where w.project_id = any (v_projects) and w.disabled_at is null;
  select jsonb_agg(jsonb_build_object('project_id', p.id, 'id', t.id, 'types', t.types)) into v_of_tenants
    from platform.project p join platform.webhook_endpoint t on t.tenant_id = p.tenant_id
    where p.id = any (v_projects) and t.disabled_at is null and (t.project_ids = '{}' or p.id = any (t.project_ids));
  v_endpoints := coalesce(v_endpoints, '[]') || coalesce(v_of_tenants, '[]');
  for v_event in
    select e.number, e.project_id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at,
      -- Of a project's own row, which stands with its tenant.
      coalesce(e.traceparent, (select a.traceparent from platform.audit_event a
        where e.resource = 'project' and a.id = e.id)) as traceparent, false as of_tenant, w.endpoints
    from jsonb_to_recordset(p_events) e (number bigint, project_id uuid, id uuid, action text, actor_type text, actor_id text,
      resource text, resource_id text, metadata jsonb, created_at timestamptz, traceparent text)
    cross join lateral (
      select array_agg(x.id) as endpoints from jsonb_to_recordset(v_endpoints) x (project_id uuid, id uuid, types text[])
      where x.project_id = e.project_id and (x.types = '{}' or e.action = any (x.types))) w
    where v_endpoints <> '[]' and e.action = any (p_types) and w.endpoints is not null
    union all
    -- What happened to the tenant itself is told to those endpoints of it that hear all its projects.
    select e.number, auth.project_of_tenant(e.tenant_id), e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata,
      e.created_at, (select a.traceparent from platform.audit_event a where a.id = e.id), true, w.endpoints
    from jsonb_to_recordset(p_of_tenants) e (number bigint, tenant_id uuid, id uuid, action text, actor_type text, actor_id text,
      resource text, resource_id text, metadata jsonb, created_at timestamptz)
    cross join lateral (select array_agg(t.id) as endpoints from platform.webhook_endpoint t
      where t.tenant_id = e.tenant_id and t.disabled_at is null and t.project_ids = '{}' and (t.types = '{}' or e.action = any (t.types))) w
    where e.action = any (p_types) and e.resource <> 'project' and w.endpoints is not null
      and auth.project_of_tenant(e.tenant_id) is not null
    order by number
  loop
    v_message := auth.write_webhook_message(v_event.project_id, v_event.number, v_event.action, v_event.actor_type, v_event.actor_id,
      v_event.resource, v_event.resource_id, v_event.metadata, v_event.created_at, v_event.of_tenant);
    insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at, traceparent)
      select v_event.project_id, w, v_message,
        case when v_event.resource = 'end_user' then v_event.resource_id when v_event.actor_type = 'end_user' then v_event.actor_id end,
        v_event.number, p_now, p_now, v_event.traceparent
      from unnest(v_event.endpoints) w;
    v_count := v_count + cardinality(v_event.endpoints);
  end loop;
  return v_count;
end $$;

alter function auth.fan_out_webhooks owner to portico_maintenance;
revoke all on function auth.fan_out_webhooks from public;
