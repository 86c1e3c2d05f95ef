-- One audit row of a tenant, in the transaction of what it is about.
create or replace function auth.note_tenant_audit(p_tenant uuid, p_audit jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  insert into platform.audit_event (tenant_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_tenant, p_audit->>'action', p_audit->>'actor_type', p_audit->>'actor_id', 'tenant', 'tnt_' || p_tenant, p_audit->>'ip',
      p_audit->>'user_agent', coalesce(p_audit->'metadata', '{}'), p_now);
end $$;

alter function auth.note_tenant_audit owner to portico_maintenance;
revoke all on function auth.note_tenant_audit from public;
