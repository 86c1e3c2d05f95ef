-- What every process opens at its start and for readiness: sealed under the master key of the installation. Null before its first migrate
-- run is over.
create or replace function auth.master_key_canary() returns bytea
  language sql stable security definer set search_path = pg_catalog
  as $$ select i.canary from platform.installation i $$;

alter function auth.master_key_canary owner to portico_maintenance;
revoke all on function auth.master_key_canary from public;
grant execute on function auth.master_key_canary to portico_control, portico_data, portico_worker;
