-- The leaf of an audit row: sha256 of its fields and of the commitment to what is personal in it. `portico audit verify` computes the same.
create or replace function auth.audit_leaf(p_id uuid, p_action text, p_actor_type text, p_actor_id text, p_resource text,
    p_resource_id text, p_metadata jsonb, p_created_at timestamptz, p_commitment bytea) returns bytea
  language plpgsql immutable
  as $$
begin
  return sha256(convert_to(auth.audit_text(p_id::text) || auth.audit_text(p_action) || auth.audit_text(p_actor_type)
    || auth.audit_text(p_actor_id) || auth.audit_text(p_resource) || auth.audit_text(p_resource_id) || auth.audit_text(p_metadata::text)
    || auth.audit_text(to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8') || p_commitment);
end $$;

revoke all on function auth.audit_leaf from public;
grant execute on function auth.audit_leaf to portico_maintenance;
