-- Commits to what is personal in an audit row, salted under a key that can be destroyed: then nobody finds out by trying what it was.
create or replace function auth.audit_commitment(p_key bytea, p_id uuid, p_ip text, p_user_agent text) returns bytea
  language plpgsql immutable
  as $$
begin
  return sha256(sha256(p_key || uuid_send(p_id)) || convert_to(auth.audit_text(p_ip) || auth.audit_text(p_user_agent), 'UTF8'));
end $$;

revoke all on function auth.audit_commitment from public;
grant execute on function auth.audit_commitment to portico_maintenance;
