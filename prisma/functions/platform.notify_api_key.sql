-- Cache invalidation: processes remember an API key by its digest.
create or replace function platform.notify_api_key() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_api_key', encode(old.digest, 'hex'));
  return null;
end $$;

revoke all on function platform.notify_api_key from public;
grant execute on function platform.notify_api_key to portico_control, portico_maintenance;

-- Not on last_used_at, which changes all the time and decides nothing.
create or replace trigger notify_api_key after update of revoked_at, expires_at, scopes or delete on platform.api_key
  for each row execute function platform.notify_api_key();
