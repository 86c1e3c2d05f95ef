-- Up to when events are counted, and when tables were last counted.
create or replace function auth.rolled_up_at() returns table (events_at timestamptz, tables_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select (select r.complete_at from metering.event_reader r), (select max(t.counted_at) from metering.tenant_total t);
end $$;

alter function auth.rolled_up_at owner to portico_maintenance;
revoke all on function auth.rolled_up_at from public;
grant execute on function auth.rolled_up_at to portico_control, portico_worker;
