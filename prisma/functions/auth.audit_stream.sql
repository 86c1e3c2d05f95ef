-- The stream of a tenant, how it does, and how many chained rows it has not delivered yet.
create or replace function auth.audit_stream(p_tenant uuid)
  returns table (id uuid, kind text, config jsonb, secret_sealed bytea, failing_since timestamptz, problem text, delivered_at timestamptz,
    parts bigint, behind bigint, next_attempt_at timestamptz, created_at timestamptz, updated_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_projects uuid[];
  v_chained bigint;
begin
  v_projects := array(select p.id from platform.project p where p.tenant_id = p_tenant);
  select sum(c.seq) into v_chained from auth.audit_chain c where c.project_id = any (v_projects);
  v_chained := coalesce(v_chained, 0) + coalesce((select c.seq from metering.tenant_audit c where c.tenant_id = p_tenant), 0);
  -- Of a project that was purged nothing is behind.
  return query select s.id, s.kind, s.config, s.secret_sealed, s.failing_since, s.problem, s.delivered_at, s.parts,
    greatest(0, v_chained - coalesce((select sum(w.seq) from metering.audit_stream_place w
      where w.stream_id = s.id and w.subject_id = any (v_projects || p_tenant)), 0))::bigint,
    s.next_attempt_at, s.created_at, s.updated_at
  from metering.audit_stream s where s.tenant_id = p_tenant;
end $$;

alter function auth.audit_stream owner to portico_maintenance;
revoke all on function auth.audit_stream from public;
grant execute on function auth.audit_stream to portico_control;
