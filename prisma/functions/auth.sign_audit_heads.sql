-- Writes signed heads down, with the public key. p_heads: rows of project_id, seq, jws. Another worker's for the same head changes
-- nothing.
create or replace function auth.sign_audit_heads(p_key jsonb, p_day date, p_heads jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  -- Archived and purged meanwhile: there is nothing left to sign.
  v_known uuid[] := (select array_agg(s.project_id) from auth.service s
    where s.project_id = any (array(select h.project_id from jsonb_to_recordset(p_heads) h (project_id uuid))));
begin
  insert into platform.audit_key (kid, public_jwk, created_at) values (p_key->>'kid', p_key, p_now) on conflict do nothing;
  insert into auth.audit_signature (project_id, seq, day, kid, jws, created_at)
    select h.project_id, h.seq, p_day, p_key->>'kid', h.jws, p_now
    from jsonb_to_recordset(p_heads) h (project_id uuid, seq bigint, jws text)
    where h.project_id = any (v_known)
    on conflict do nothing;
end $$;

alter function auth.sign_audit_heads owner to portico_maintenance;
revoke all on function auth.sign_audit_heads from public;
grant execute on function auth.sign_audit_heads to portico_worker;
