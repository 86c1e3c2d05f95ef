-- The id under which an event is told, the same however often: it sorts by time (milliseconds, then the order of events).
create or replace function auth.webhook_message_id(p_created_at timestamptz, p_number bigint) returns text
  language plpgsql immutable set search_path = pg_catalog
  as $$
begin
  return 'msg_' || lpad(to_hex(floor(extract(epoch from p_created_at) * 1000)::bigint), 12, '0') || lpad(to_hex(p_number), 16, '0');
end $$;

revoke all on function auth.webhook_message_id from public;
grant execute on function auth.webhook_message_id to portico_control, portico_maintenance;
