-- Which person of the project an audit row is about, as far as its client address may be theirs; the nil UUID for none. Where an operator
-- acts on a person, the address is the operator's, and stays when the person is erased.
create or replace function auth.audit_person(p_actor_type text, p_actor_id text, p_resource text, p_resource_id text) returns uuid
  language plpgsql immutable
  as $$
declare
  v_id text := case when p_actor_type = 'end_user' then p_actor_id
    when p_resource = 'end_user' and p_actor_type not in ('api_key', 'platform_user') then p_resource_id end;
begin
  -- A regular expression that counts costs many times as much.
  return case when v_id like '________-____-____-____-____________' and v_id !~ '[^0-9a-f-]' and length(replace(v_id, '-', '')) = 32
      then v_id::uuid
    else '00000000-0000-0000-0000-000000000000'::uuid end;
end $$;

revoke all on function auth.audit_person from public;
grant execute on function auth.audit_person to portico_maintenance, portico_control;
