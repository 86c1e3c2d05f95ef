-- Tells one endpoint again, or for the first time, what happened from p_since to before p_until; p_types are the events that it may and
-- wants to hear. Answers how many deliveries were made, at most p_limit, the oldest.
create or replace function auth.replay_webhooks(p_project uuid, p_endpoint uuid, p_since timestamptz, p_until timestamptz, p_types text[],
    p_now timestamptz, p_limit integer) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_count integer;
begin
  insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
  select p_project, w.id, auth.write_webhook_message(p_project, e.number, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id,
      e.metadata, e.created_at),
    case when e.resource = 'end_user' then e.resource_id when e.actor_type = 'end_user' then e.actor_id end, e.number, p_now, p_now
  from (select e.id from auth.webhook_endpoint e where e.project_id = p_project and e.id = p_endpoint and e.disabled_at is null
      union all select t.id from platform.webhook_endpoint t join platform.project p on p.tenant_id = t.tenant_id
        where p.id = p_project and t.id = p_endpoint and t.disabled_at is null) w
  cross join lateral (
    select a.* from auth.audit_event a where a.project_id = p_project and a.created_at >= p_since and a.created_at < p_until
      and a.number is not null and a.action = any (p_types)
    order by a.created_at, a.number limit p_limit) e;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

alter function auth.replay_webhooks owner to portico_maintenance;
revoke all on function auth.replay_webhooks from public;
grant execute on function auth.replay_webhooks to portico_control;
