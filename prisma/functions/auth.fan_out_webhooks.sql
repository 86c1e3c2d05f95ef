-- A delivery for each endpoint, of the project or of its tenant, that wants to hear of one of these events: a part of auth.hand_on_events,
-- so that an event is never handed on without them. p_of_tenants: what happened to tenants. p_types are the events that a webhook may
-- carry. What is told of an event is written once, as auth.write_webhook_message writes it; here all of a round by one statement.
create or replace function auth.fan_out_webhooks(p_events auth.handed_event[], p_of_tenants auth.handed_event[], p_types text[],
    p_now timestamptz)
  returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_projects uuid[] := array(select distinct e.project_id from unnest(p_events) e where e.action = any (p_types));
  v_endpoints jsonb;
  v_of_tenants jsonb;
  -- Deliveries, item by item.
  v_of uuid[];
  v_to uuid[];
  v_messages text[];
  v_events auth.handed_event[];
  -- What is told, once for each event.
  v_told auth.handed_event[];
  v_told_of uuid[];
  v_told_ids text[];
  v_told_people uuid[];
  v_told_tenants boolean[];
  v_people auth.end_user_row[];
  v_people_of uuid[];
begin
  select jsonb_agg(jsonb_build_object('project_id', w.project_id, 'id', w.id, 'types', w.types)) into v_endpoints
    from auth.webhook_endpoint w where w.project_id = any (v_projects) and w.disabled_at is null;
  select jsonb_agg(jsonb_build_object('project_id', p.id, 'id', t.id, 'types', t.types)) into v_of_tenants
    from platform.project p join platform.webhook_endpoint t on t.tenant_id = p.tenant_id
    where p.id = any (v_projects) and t.disabled_at is null and (t.project_ids = '{}' or p.id = any (t.project_ids));
  v_endpoints := coalesce(v_endpoints, '[]') || coalesce(v_of_tenants, '[]');
  with told as materialized (
    select e, e.number, e.project_id, false as of_tenant, x.id as endpoint_id
    from unnest(p_events) e join jsonb_to_recordset(v_endpoints) x (project_id uuid, id uuid, types text[]) on x.project_id = e.project_id
    where e.action = any (p_types) and (x.types = '{}' or e.action = any (x.types))
    union all
    -- What happened to the tenant itself is told to those endpoints of it that hear all its projects.
    select e, e.number, auth.project_of_tenant(e.tenant_id), true, t.id
    from unnest(p_of_tenants) e join platform.webhook_endpoint t on t.tenant_id = e.tenant_id
    where e.action = any (p_types) and e.resource <> 'project' and t.disabled_at is null and t.project_ids = '{}'
      and (t.types = '{}' or e.action = any (t.types)) and auth.project_of_tenant(e.tenant_id) is not null
  ), placed as (
    select t.*, row_number() over (partition by t.of_tenant, t.project_id, t.number) = 1 as first,
      auth.webhook_message_id((t.e).created_at, t.number) as message_id,
      case when (t.e).resource = 'end_user' then (t.e).resource_id when (t.e).actor_type = 'end_user' then (t.e).actor_id end as person
    from told t
  )
  select array_agg(p.project_id), array_agg(p.endpoint_id), array_agg(p.message_id), array_agg(p.e),
      array_agg(p.e) filter (where p.first), array_agg(p.project_id) filter (where p.first), array_agg(p.message_id) filter (where p.first),
      array_agg(case when length(p.person) = 36 and p.person !~ '[^0-9a-f-]' then p.person::uuid end) filter (where p.first),
      array_agg(p.of_tenant) filter (where p.first)
    into v_of, v_to, v_messages, v_events, v_told, v_told_of, v_told_ids, v_told_people, v_told_tenants
    from (select * from placed order by number) p;
  if v_of is null then
    return 0;
  end if;
  select array_agg(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, null, null,
      null)::auth.end_user_row), array_agg(u.project_id) into v_people, v_people_of from (
    select u.* from auth.end_user u where u.project_id = any (v_told_of) and u.id = any (v_told_people) offset 0) u;
  insert into auth.webhook_message (project_id, id, type, body, created_at)
    select m.project_id, m.message_id, m.action, auth.webhook_body(m.message_id, m.project_id, m.action, m.actor_type, m.actor_id,
        m.resource, m.resource_id, m.metadata, m.created_at, m.of_tenant,
        row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, null, null,
          null)::auth.end_user_row), m.created_at
    from rows from (unnest(v_told_of), unnest(v_told_ids), unnest(v_told_people), unnest(v_told_tenants), unnest(v_told)) m (project_id,
      message_id, person, of_tenant, number, own_project, tenant_id, id, action, actor_type, actor_id, resource, resource_id, ip,
      user_agent, metadata, created_at)
    left join rows from (unnest(v_people_of), unnest(v_people)) u (project_id, id, email, email_typed, email_verified_at, metadata,
      disabled_at, created_at) on u.project_id = m.project_id and u.id = m.person
    on conflict do nothing;
  insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at, traceparent)
    select d.project_id, d.endpoint_id, d.message_id,
      case when d.resource = 'end_user' then d.resource_id when d.actor_type = 'end_user' then d.actor_id end,
      -- In the order of this round, whatever machine has counted the event.
      nextval('auth.event_number'), p_now, p_now, d.traceparent
    from rows from (unnest(v_of), unnest(v_to), unnest(v_messages), unnest(v_events)) d (project_id, endpoint_id, message_id, number,
      own_project, tenant_id, id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at, traceparent)
    -- There is none: each has an id of its own. Without it Citus would copy the rows in, which row security forbids.
    on conflict do nothing;
  return cardinality(v_of);
end $$;

alter function auth.fan_out_webhooks owner to portico_maintenance;
revoke all on function auth.fan_out_webhooks from public;
