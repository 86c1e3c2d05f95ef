-- Writes signed heads down, with the public key. p_heads: rows of kind, subject_id, seq, jws. Another worker's for the same head changes
-- nothing.
create or replace function auth.sign_audit_heads(p_key jsonb, p_day date, p_heads jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_subjects uuid[] := array(select h.subject_id from jsonb_to_recordset(p_heads) h (subject_id uuid));
  v_known uuid[];
begin
  -- Archived and purged meanwhile: there is nothing left to sign.
  select array_agg(s.project_id) into v_known from auth.service s where s.project_id = any (v_subjects);
  perform auth.publish_audit_key(p_key, p_now);
  insert into auth.audit_signature (project_id, seq, day, kid, jws, created_at)
    select h.subject_id, h.seq, p_day, p_key->>'kid', h.jws, p_now
    from jsonb_to_recordset(p_heads) h (kind text, subject_id uuid, seq bigint, jws text)
    where h.kind = 'proj' and h.subject_id = any (v_known)
    on conflict do nothing;
  insert into metering.tenant_audit_signature (tenant_id, seq, day, kid, jws, created_at)
    select h.subject_id, h.seq, p_day, p_key->>'kid', h.jws, p_now
    from jsonb_to_recordset(p_heads) h (kind text, subject_id uuid, seq bigint, jws text)
    where h.kind = 'tnt' and exists (select 1 from platform.tenant t where t.id = h.subject_id)
    on conflict do nothing;
end $$;

alter function auth.sign_audit_heads owner to portico_maintenance;
revoke all on function auth.sign_audit_heads from public;
grant execute on function auth.sign_audit_heads to portico_worker;
