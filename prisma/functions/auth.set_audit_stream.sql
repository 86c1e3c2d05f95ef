-- Sets where the audit log of a tenant is streamed to, with the audit row of it. p_stream: id, kind, config. The same id goes on where it
-- was; another one begins with the first row.
create or replace function auth.set_audit_stream(p_tenant uuid, p_stream jsonb, p_secret bytea, p_audit jsonb, p_now timestamptz)
  returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  delete from metering.audit_stream s where s.tenant_id = p_tenant and s.id <> (p_stream->>'id')::uuid;
  insert into metering.audit_stream as s (tenant_id, id, kind, config, secret_sealed, next_attempt_at, created_at, updated_at)
    values (p_tenant, (p_stream->>'id')::uuid, p_stream->>'kind', p_stream->'config', p_secret, p_now, p_now, p_now)
    on conflict (tenant_id) do update set kind = excluded.kind, config = excluded.config, secret_sealed = excluded.secret_sealed,
      attempts = 0, next_attempt_at = excluded.next_attempt_at, updated_at = excluded.updated_at;
  perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
end $$;

alter function auth.set_audit_stream owner to portico_maintenance;
revoke all on function auth.set_audit_stream from public;
grant execute on function auth.set_audit_stream to portico_control;
