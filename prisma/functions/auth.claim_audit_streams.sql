-- Streams that are due, leased to this worker: of one that dies another goes on when the lease is over.
create or replace function auth.claim_audit_streams(p_now timestamptz, p_lease_seconds integer, p_limit integer)
  returns table (tenant_id uuid, id uuid, kind text, config jsonb, secret_sealed bytea, attempts integer)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  update metering.audit_stream s set leased_until = p_now + make_interval(secs => p_lease_seconds)
  where s.tenant_id in (
    select d.tenant_id from metering.audit_stream d
    where d.next_attempt_at <= p_now and (d.leased_until is null or d.leased_until <= p_now)
    order by d.next_attempt_at limit p_limit for update skip locked)
  returning s.tenant_id, s.id, s.kind, s.config, s.secret_sealed, s.attempts;
end $$;

alter function auth.claim_audit_streams owner to portico_maintenance;
revoke all on function auth.claim_audit_streams from public;
grant execute on function auth.claim_audit_streams to portico_worker;
