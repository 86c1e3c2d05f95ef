-- The sender of a tenant, for the control plane, which passes the tenant of its caller.
create or replace function auth.tenant_mail_sender(p_tenant uuid)
  returns table (id uuid, kind text, from_address text, config jsonb, secret_sealed bytea, state text, failing_code text,
    failing_detail text, failing_since timestamptz, created_at timestamptz, updated_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select t.id, t.kind, t.from_address, t.config, t.secret_sealed, t.state, t.failing_code, t.failing_detail, t.failing_since,
    t.created_at, t.updated_at from platform.mail_sender t where t.tenant_id = p_tenant;
end $$;

alter function auth.tenant_mail_sender owner to portico_maintenance;
revoke all on function auth.tenant_mail_sender from public;
grant execute on function auth.tenant_mail_sender to portico_control;
