-- Logs of projects (proj) and of tenants themselves (tnt) that have grown since their head was last signed, and were not signed on this day
-- yet.
create or replace function auth.unsigned_audit_heads(p_day date, p_limit integer)
  returns table (kind text, subject_id uuid, seq bigint, head bytea)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select 'proj', c.project_id, c.seq, c.head from auth.audit_chain c
    where not exists (select 1 from auth.audit_signature s where s.project_id = c.project_id and (s.seq = c.seq or s.day = p_day))
    limit p_limit;
  return query select 'tnt', c.tenant_id, c.seq, c.head from metering.tenant_audit c
    where c.seq > 0
      and not exists (select 1 from metering.tenant_audit_signature s where s.tenant_id = c.tenant_id and (s.seq = c.seq or s.day = p_day))
    limit p_limit;
end $$;

alter function auth.unsigned_audit_heads owner to portico_maintenance;
revoke all on function auth.unsigned_audit_heads from public;
grant execute on function auth.unsigned_audit_heads to portico_worker;
