-- The project that has proved the host name.
create or replace function auth.resolve_host(p_hostname text) returns uuid
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return (
  select d.project_id from auth.domain d where d.hostname = p_hostname and d.verified_at is not null);
end $$;

alter function auth.resolve_host owner to portico_maintenance;
revoke all on function auth.resolve_host from public;
grant execute on function auth.resolve_host to portico_control, portico_data, portico_worker;
