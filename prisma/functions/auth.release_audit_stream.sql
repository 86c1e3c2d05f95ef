-- Ends a round of a stream: well, or with a problem, which is written into the audit log when it begins and when it is over.
create or replace function auth.release_audit_stream(p_stream uuid, p_problem text, p_next timestamptz, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_tenant uuid;
  v_failing timestamptz;
begin
  select s.tenant_id, s.failing_since into v_tenant, v_failing from metering.audit_stream s where s.id = p_stream for update;
  if not found then return; end if;
  update metering.audit_stream s set leased_until = null, next_attempt_at = p_next, problem = p_problem,
    attempts = case when p_problem is null then 0 else s.attempts + 1 end,
    failing_since = case when p_problem is null then null else coalesce(s.failing_since, p_now) end
    where s.id = p_stream;
  if (p_problem is null) <> (v_failing is null) then
    perform auth.note_tenant_audit(v_tenant, jsonb_build_object('actor_type', 'system', 'action',
      case when p_problem is null then 'audit.stream_recovered' else 'audit.stream_failing' end), p_now);
  end if;
end $$;

alter function auth.release_audit_stream owner to portico_maintenance;
revoke all on function auth.release_audit_stream from public;
grant execute on function auth.release_audit_stream to portico_worker;
