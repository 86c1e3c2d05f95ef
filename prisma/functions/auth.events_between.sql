-- The events after one place and up to another, in the order of their transactions. Those of a tenant without a project are not among them,
-- but for those of a project's own row, whose id stands in resource_id.
-- Only for places whose transactions have ended (auth.hand_on_events): of others some rows would be missing.
-- A table without statistics must not be read as a whole for a few rows of its end.
create or replace function auth.events_between(p_after_tx xid8, p_after_number bigint, p_to_tx xid8, p_to_number bigint, p_floor bigint)
  returns table (tx xid8, number bigint, project_id uuid, id uuid, action text, actor_type text, actor_id text, resource text,
    resource_id text, metadata jsonb, created_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
#variable_conflict use_column
begin
  return query
  select e.tx, e.number, e.project_id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at
  from auth.audit_event e
  where (e.tx, e.number) > (p_after_tx, p_after_number) and (e.tx, e.number) <= (p_to_tx, p_to_number) and e.number > p_floor
  union all
  select e.tx, e.number, p.id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at
  from platform.audit_event e
  join platform.project p on p.id = case when e.resource = 'project' then substring(e.resource_id from '^proj_([0-9a-f-]{36})$')::uuid end
  where (e.tx, e.number) > (p_after_tx, p_after_number) and (e.tx, e.number) <= (p_to_tx, p_to_number) and e.number > p_floor;
end $$;

alter function auth.events_between owner to portico_maintenance;
revoke all on function auth.events_between from public;
