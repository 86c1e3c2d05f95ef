-- Hands committed events on, each exactly once: to counters, the chain of the audit log and webhooks, in the transaction that takes their
-- mark of waiting away. Killed anywhere, it has done all of a round or nothing. Answers how many events it handed on; null when another
-- worker is at it. p_types: what a webhook may carry. p_now is written down as the time up to which everything is handed on, when nothing
-- is left.
-- In the order of their numbers among those that can be seen: what was committed before something else began has the lower number and is
-- seen no later. What is still uncommitted comes when it is, and holds nothing back.
-- The rows are read once, from whatever machine they lie on, and handed on as they are: each statement after that writes one table.
-- A table without statistics must not be read as a whole for a few rows of its end.
create or replace function auth.hand_on_events(p_limit integer, p_now timestamptz, p_types text[]) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
declare
  v_events auth.handed_event[];
  v_projects uuid[];
  v_numbers bigint[];
  v_of_tenants auth.handed_event[];
  v_of_their_projects auth.handed_event[];
  v_tenant_numbers bigint[];
  v_last bigint;
  v_count integer;
  v_complete_at timestamptz;
begin
  insert into metering.event_reader (only_row) select true where not exists (select 1 from metering.event_reader) on conflict do nothing;
  select r.complete_at into v_complete_at from metering.event_reader r for update skip locked;
  if not found then
    return null;
  end if;
  select array_agg(row(w.number, w.project_id, null, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, w.end_user_id, w.made_at, w.email_verified_at,
      w.first_sign_in_at)::auth.handed_event order by w.number),
    array_agg(distinct w.project_id), array_agg(w.number), max(w.number)
    into v_events, v_projects, v_numbers, v_last from (
      select e.number, e.project_id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata,
        e.created_at, e.traceparent, u.id as end_user_id, u.created_at as made_at, u.email_verified_at, u.first_sign_in_at
      from auth.audit_event e
      -- Deleted meanwhile: counted as an event, and not in the funnel.
      left join auth.end_user u on u.project_id = e.project_id and u.id = case
          when e.action = 'session.started' and length(e.actor_id) = 36 and e.actor_id !~ '[^0-9a-f-]' then e.actor_id::uuid
          when e.action in ('user.signed_up', 'user.created', 'user.invited', 'user.email_confirmed') and length(e.resource_id) = 36
            and e.resource_id !~ '[^0-9a-f-]' then e.resource_id::uuid end
      where e.waiting order by e.number limit p_limit) w;
  -- Events of tenants stay on the first machine; those of a project's own row, whose id stands in resource_id, are told with the project.
  select array_agg(row(w.number, null, w.tenant_id, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, null, null, null, null)::auth.handed_event order by w.number),
    array_agg(row(w.number, w.project_id, null, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, null, null, null, null)::auth.handed_event order by w.number)
      filter (where w.project_id is not null),
    array_agg(w.number)
    into v_of_tenants, v_of_their_projects, v_tenant_numbers from (
      select e.number, p.id as project_id, e.tenant_id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.ip,
        e.user_agent, e.metadata, e.created_at, e.traceparent
      from platform.audit_event e
      left join platform.project p on p.id = case when e.resource = 'project'
        then substring(e.resource_id from '^proj_([0-9a-f-]{36})$')::uuid end
      where e.waiting and (coalesce(cardinality(v_numbers), 0) < p_limit or e.number < v_last) order by e.number limit p_limit) w;
  v_count := coalesce(cardinality(v_numbers), 0) + coalesce(cardinality(v_tenant_numbers), 0);
  if v_events is not null then
    update auth.audit_event e set waiting = false
      where e.waiting and e.project_id = any (v_projects) and e.number = any (v_numbers);
    perform auth.chain_events(v_events, p_now);
  end if;
  if v_tenant_numbers is not null then
    update platform.audit_event e set waiting = false where e.waiting and e.number = any (v_tenant_numbers);
    perform auth.chain_tenant_events(v_of_tenants, p_now);
  end if;
  v_events := v_events || v_of_their_projects;
  if v_events is not null then
    perform auth.count_events(v_events);
  end if;
  if v_count > 0 then
    perform auth.fan_out_webhooks(v_events, v_of_tenants, p_types, p_now);
  end if;
  if v_count > 0 or v_complete_at is null or v_complete_at < p_now - interval '1 second' then
    update metering.event_reader r set handed_on = r.handed_on + v_count,
      complete_at = case when v_count < p_limit then p_now else r.complete_at end;
  end if;
  return v_count;
end $$;

alter function auth.hand_on_events owner to portico_maintenance;
revoke all on function auth.hand_on_events from public;
grant execute on function auth.hand_on_events to portico_worker;
