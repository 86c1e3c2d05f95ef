-- What happened in the projects that somebody follows, each from a place of its own, in the order of their transactions; and the horizon
-- up to which nothing is missing. One question for all streams of a process. The four lists belong together, item by item. By the order
-- of transactions and never by project (hence the casts), nor through the whole table: the places are seldom older than a moment.
create or replace function auth.events_followed(p_streams integer[], p_projects uuid[], p_txs text[], p_numbers bigint[], p_limit integer)
  returns table (horizon text, events json)
  language plpgsql stable security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
declare
  v_horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
begin
  return query select v_horizon::text, coalesce(json_agg(json_build_array(f.stream, e.tx, e.number, e.id, e.action, e.actor_type,
      e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at) order by f.stream, e.tx, e.number), '[]')
    from unnest(p_streams, p_projects, p_txs, p_numbers) f (stream, project_id, tx, number) cross join lateral (
      select a.* from auth.audit_event a
      where a.project_id::text = f.project_id::text and (a.tx, a.number) > (f.tx::xid8, f.number) and a.tx < v_horizon
      order by a.tx, a.number limit p_limit) e;
end $$;

alter function auth.events_followed owner to portico_maintenance;
revoke all on function auth.events_followed from public;
grant execute on function auth.events_followed to portico_control;
