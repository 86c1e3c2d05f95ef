-- One line of an export: an event with its link, or the link alone where the row is gone (p_action is null). p_key null: destroyed.
create or replace function auth.audit_line(p_seq bigint, p_id uuid, p_leaf bytea, p_commitment bytea, p_head bytea, p_key bytea,
    p_action text, p_actor_type text, p_actor_id text, p_resource text, p_resource_id text, p_metadata jsonb, p_created_at timestamptz,
    p_ip text, p_user_agent text) returns text
  language plpgsql stable
  as $$
begin
  if p_action is null then
    return json_build_object('type', 'stub', 'seq', p_seq, 'leaf', encode(p_leaf, 'hex'), 'head', encode(p_head, 'hex'))::text;
  end if;
  return json_build_object('seq', p_seq, 'id', p_id, 'action', p_action, 'actor_type', p_actor_type, 'actor_id', p_actor_id,
    'resource', p_resource, 'resource_id', p_resource_id, 'metadata', p_metadata::text,
    'created_at', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'ip', p_ip, 'user_agent', p_user_agent,
    'salt', encode(sha256(p_key || uuid_send(p_id)), 'hex'), 'commitment', encode(p_commitment, 'hex'), 'leaf', encode(p_leaf, 'hex'),
    'head', encode(p_head, 'hex'), 'type', 'event')::text;
end $$;

revoke all on function auth.audit_line from public;
grant execute on function auth.audit_line to portico_maintenance;
