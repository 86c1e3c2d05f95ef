-- Which project's which domain row holds the host name, for one who has proved it too.
create or replace function auth.domain_holder(p_hostname text) returns table (project_id uuid, id uuid)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select d.project_id, d.id from auth.domain d where d.hostname = p_hostname and d.verified_at is not null;
end $$;

alter function auth.domain_holder owner to portico_maintenance;
revoke all on function auth.domain_holder from public;
grant execute on function auth.domain_holder to portico_control, portico_worker;
