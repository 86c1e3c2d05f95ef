-- What is told of an event. p_user: the person that it is about as they are now, without an id for nobody. p_of_tenant: it happened to the
-- tenant and to no project.
create or replace function auth.webhook_body(p_id text, p_project uuid, p_action text, p_actor_type text, p_actor_id text, p_resource text,
    p_resource_id text, p_metadata jsonb, p_created_at timestamptz, p_of_tenant boolean, p_user auth.end_user_row)
  returns text
  language plpgsql stable set search_path = pg_catalog
  as $$
begin
  return json_build_object(
    'id', p_id, 'type', p_action, 'version', 1,
    'timestamp', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'project_id', case when not p_of_tenant then 'proj_' || p_project end,
    'data', json_build_object(
      'actor', json_build_object('type', p_actor_type, 'id', p_actor_id),
      'resource', json_build_object('type', p_resource, 'id', p_resource_id),
      'details', p_metadata,
      'user', case when p_user.id is not null then json_build_object('id', p_user.id, 'email', nullif(p_user.email_typed, ''),
        'email_verified', p_user.email_verified_at is not null, 'metadata', p_user.metadata, 'disabled', p_user.disabled_at is not null,
        'created_at', to_char(p_user.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end))::text;
end $$;

revoke all on function auth.webhook_body from public;
grant execute on function auth.webhook_body to portico_maintenance;
