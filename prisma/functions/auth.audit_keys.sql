-- The public keys of the installation, the oldest first.
create or replace function auth.audit_keys() returns table (public_jwk jsonb)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select k.public_jwk from platform.audit_key k order by k.created_at;
end $$;

alter function auth.audit_keys owner to portico_maintenance;
revoke all on function auth.audit_keys from public;
grant execute on function auth.audit_keys to portico_control, portico_worker;
