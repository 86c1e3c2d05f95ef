-- Writes down what is told of an event, once, with the person that it is about as they are now; answers its id. Assumes that the caller may
-- see the project. p_of_tenant: it happened to the tenant and to no project; p_project is where the message is kept.
create or replace function auth.write_webhook_message(p_project uuid, p_number bigint, p_action text, p_actor_type text, p_actor_id text,
    p_resource text, p_resource_id text, p_metadata jsonb, p_created_at timestamptz, p_of_tenant boolean)
  returns text
  language plpgsql volatile set search_path = pg_catalog
  as $$
declare
  v_id text := auth.webhook_message_id(p_created_at, p_number);
  v_user uuid := case when p_resource = 'end_user' then substring(p_resource_id from '^[0-9a-f-]{36}$')::uuid
    when p_actor_type = 'end_user' then substring(p_actor_id from '^[0-9a-f-]{36}$')::uuid end;
begin
  insert into auth.webhook_message (project_id, id, type, body, created_at)
  select p_project, v_id, p_action, json_build_object(
      'id', v_id, 'type', p_action, 'version', 1,
      'timestamp', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'project_id', case when not p_of_tenant then 'proj_' || p_project end,
      'data', json_build_object(
        'actor', json_build_object('type', p_actor_type, 'id', p_actor_id),
        'resource', json_build_object('type', p_resource, 'id', p_resource_id),
        'details', p_metadata,
        'user', (select json_build_object('id', u.id, 'email', nullif(u.email_typed, ''), 'email_verified', u.email_verified_at is not null,
            'metadata', u.metadata, 'disabled', u.disabled_at is not null,
            'created_at', to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
          from auth.end_user u where u.project_id = p_project and u.id = v_user)))::text,
    p_created_at
  on conflict do nothing;
  return v_id;
end $$;

revoke all on function auth.write_webhook_message from public;
grant execute on function auth.write_webhook_message to portico_maintenance;
