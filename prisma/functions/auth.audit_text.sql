-- One field of what is hashed: its length in bytes and its text, so that two rows never give the same bytes; a minus for none.
create or replace function auth.audit_text(p_value text) returns text
  language plpgsql immutable
  as $$
begin
  return case when p_value is null then '-' else octet_length(p_value)::text || ':' || p_value end;
end $$;

revoke all on function auth.audit_text from public;
grant execute on function auth.audit_text to portico_maintenance;
