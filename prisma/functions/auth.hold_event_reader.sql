-- No events are handed on until the end of the caller's transaction.
create or replace function auth.hold_event_reader() returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  perform 1 from metering.event_reader for update;
end $$;

alter function auth.hold_event_reader owner to portico_maintenance;
revoke all on function auth.hold_event_reader from public;
grant execute on function auth.hold_event_reader to portico_control;
