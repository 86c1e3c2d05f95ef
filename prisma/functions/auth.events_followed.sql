-- For services of the release before alone, while they are being replaced; goes with `auth.audit_event.tx` in the next one. Now
-- auth.events_handed_on tells it, by an order that several machines have too.
-- What happened in the projects that somebody follows, each from a place of its own, in the order of their transactions; and the horizon
-- up to which nothing is missing. One question for all streams of a process. The four lists belong together, item by item.
create or replace function auth.events_followed(p_streams integer[], p_projects uuid[], p_txs text[], p_numbers bigint[], p_limit integer)
  returns table (horizon text, events json)
  language plpgsql stable security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
declare
  v_horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_all jsonb := '[]';
  v_some jsonb;
begin
  for i in 1 .. coalesce(cardinality(p_streams), 0) loop
    select jsonb_agg(jsonb_build_array(p_streams[i], e.tx, e.number, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id,
        e.metadata, e.created_at) order by e.tx, e.number) into v_some
      from (select a.* from auth.audit_event a
        where a.project_id = p_projects[i] and (a.tx, a.number) > (p_txs[i]::xid8, p_numbers[i]) and a.tx < v_horizon
        order by a.tx, a.number limit p_limit) e;
    v_all := v_all || coalesce(v_some, '[]');
  end loop;
  return query select v_horizon::text, v_all::json;
end $$;

alter function auth.events_followed owner to portico_maintenance;
revoke all on function auth.events_followed from public;
grant execute on function auth.events_followed to portico_control;
