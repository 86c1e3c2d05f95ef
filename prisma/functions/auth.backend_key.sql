-- The scopes of a live API key of the tenant that owns the project, for keys that reach it; no row for any other key. What a read-only
-- key is asked for here (to vouch for a client's address) is no reading.
create or replace function auth.backend_key(p_digest bytea, p_project uuid, p_now timestamptz) returns setof text[]
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query
  select k.scopes from platform.api_key k join platform.project p on p.tenant_id = k.tenant_id
    where k.digest = p_digest and p.id = p_project and not k.read_only
      and (cardinality(k.project_ids) = 0 or p_project = any (k.project_ids)) and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > p_now);
end $$;

alter function auth.backend_key owner to portico_maintenance;
revoke all on function auth.backend_key from public;
grant execute on function auth.backend_key to portico_data;
