-- Hands committed events on, in the order of their transactions, each exactly once: to counters, the chain of the audit log and webhooks,
-- in one transaction with the note of how far it came. Killed anywhere, it has done all of a round or nothing. Answers how many events it
-- handed on; null when another worker is at it. p_types: what a webhook may carry. p_now is written down as the time up to which
-- everything is handed on, when nothing is left. A transaction that writes before another and commits after it is never skipped: only
-- events of transactions below the snapshot's xmin are taken, all of which have ended. The price is that one long transaction anywhere in
-- the cluster holds events back until it ends.
create or replace function auth.hand_on_events(p_limit integer, p_now timestamptz, p_types text[]) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_cluster text := (select c.system_identifier::text from pg_control_system() c) || '/'
    || (select d.oid::text from pg_database d where d.datname = current_database());
  v_reader metering.event_reader;
  v_horizon xid8;
  v_count integer;
  v_tx xid8;
  v_number bigint;
begin
  insert into metering.event_reader (cluster, tx, number, number_seen) select v_cluster, '0', 0, 0
    where not exists (select 1 from metering.event_reader) on conflict do nothing;
  select * into v_reader from metering.event_reader for update skip locked;
  if not found then
    return null;
  end if;
  if v_reader.cluster <> v_cluster then
    -- A restored copy, or a server that was replaced by logical means: transactions are counted anew, numbers go on. What waits is what lay
    -- beyond the old place, and what was written since, whose numbers are higher than any that was seen. It is written down anew as of this
    -- transaction; everything else is below the floor.
    v_horizon := pg_snapshot_xmin(pg_current_snapshot());
    update auth.audit_event e set tx = pg_current_xact_id(), number = v_reader.number_seen + w.place from (
        select x.ctid as row, row_number() over (order by x.tx, x.number) as place from auth.audit_event x
        where ((x.tx, x.number) > (v_reader.tx, v_reader.number) and x.number > v_reader.number_floor) or x.number > v_reader.number_seen) w
      where e.ctid = w.row;
    get diagnostics v_count = row_count;
    update platform.audit_event e set tx = pg_current_xact_id(), number = v_reader.number_seen + w.place from (
        select x.ctid as row, row_number() over (order by x.tx, x.number) as place from platform.audit_event x
        where ((x.tx, x.number) > (v_reader.tx, v_reader.number) and x.number > v_reader.number_floor) or x.number > v_reader.number_seen) w
      where e.ctid = w.row;
    perform setval('auth.event_number', greatest(nextval('auth.event_number'), v_reader.number_seen + v_count));
    update metering.event_reader r set cluster = v_cluster, tx = v_horizon, number = 0, number_floor = r.number_seen
      returning * into v_reader;
  end if;
  v_horizon := pg_snapshot_xmin(pg_current_snapshot());
  select count(*), (array_agg(b.tx order by b.tx desc, b.number desc))[1], (array_agg(b.number order by b.tx desc, b.number desc))[1]
    into v_count, v_tx, v_number from (
      select w.tx, w.number from (
        (select e.tx, e.number from auth.audit_event e where (e.tx, e.number) > (v_reader.tx, v_reader.number) and e.tx < v_horizon
          and e.number > v_reader.number_floor order by e.tx, e.number limit p_limit)
        union all
        (select e.tx, e.number from platform.audit_event e where (e.tx, e.number) > (v_reader.tx, v_reader.number) and e.tx < v_horizon
          and e.number > v_reader.number_floor order by e.tx, e.number limit p_limit)
      ) w order by w.tx, w.number limit p_limit) b;
  if v_count > 0 then
    perform auth.count_events(v_reader.tx, v_reader.number, v_tx, v_number, v_reader.number_floor);
    perform auth.chain_events(v_reader.tx, v_reader.number, v_tx, v_number, v_reader.number_floor, p_now);
    perform auth.fan_out_webhooks(v_reader.tx, v_reader.number, v_tx, v_number, v_reader.number_floor, p_types, p_now);
  end if;
  if v_count > 0 or v_reader.complete_at is null or v_reader.complete_at < p_now - interval '1 second' then
    update metering.event_reader r set tx = coalesce(v_tx, r.tx), number = coalesce(v_number, r.number), handed_on = r.handed_on + v_count,
      complete_at = case when v_count < p_limit then p_now else r.complete_at end,
      number_seen = greatest(r.number_seen, 0,
        (select s.last_value from pg_sequences s where s.schemaname = 'auth' and s.sequencename = 'event_number'));
  end if;
  return v_count;
end $$;

alter function auth.hand_on_events owner to portico_maintenance;
revoke all on function auth.hand_on_events from public;
grant execute on function auth.hand_on_events to portico_worker;
