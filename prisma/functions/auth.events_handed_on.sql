-- What was handed on in the projects that somebody follows, each from a place of its own, in the order of handing on: nothing comes later
-- that stands before, since a project's numbers are given without a gap under one lock (auth.chain_events). One question for all streams of
-- a process; of those where nothing is new only the end of the chain is looked at, all at once. An event whose row is gone (retention) has
-- its number and its id still, and no action. The two lists belong together, item by item; who stands first is told first.
create or replace function auth.events_handed_on(p_projects uuid[], p_seqs bigint[], p_limit integer, p_most integer)
  returns table (stream integer, seq bigint, event_id uuid, action text, actor_type text, actor_id text, resource text, resource_id text,
    metadata jsonb, created_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
#variable_conflict use_column
declare
  v_heads jsonb;
  v_left integer := p_most;
  v_count integer;
begin
  select coalesce(jsonb_object_agg(c.project_id, c.seq), '{}') into v_heads from auth.audit_chain c where c.project_id = any (p_projects);
  for i in 1 .. coalesce(cardinality(p_projects), 0) loop
    exit when v_left <= 0;
    continue when coalesce((v_heads ->> p_projects[i]::text)::bigint, 0) <= p_seqs[i];
    return query
    select i - 1, l.seq, l.event_id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at
      from auth.audit_link l left join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
      where l.project_id = p_projects[i] and l.seq > p_seqs[i] order by l.seq limit least(p_limit, v_left);
    get diagnostics v_count = row_count;
    v_left := v_left - v_count;
  end loop;
end $$;

alter function auth.events_handed_on owner to portico_maintenance;
revoke all on function auth.events_handed_on from public;
grant execute on function auth.events_handed_on to portico_control;
