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
  v_person auth.end_user_row;
  v_body text;
begin
  select u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at into v_person.id, v_person.email,
      v_person.email_typed, v_person.email_verified_at, v_person.metadata, v_person.disabled_at, v_person.created_at
    from auth.end_user u where u.project_id = p_project and u.id = v_user;
  v_body := auth.webhook_body(v_id, p_project, p_action, p_actor_type, p_actor_id, p_resource, p_resource_id, p_metadata, p_created_at,
    p_of_tenant, v_person);
  insert into auth.webhook_message (project_id, id, type, body, created_at) values (p_project, v_id, p_action, v_body, p_created_at)
    on conflict do nothing;
  return v_id;
end $$;

revoke all on function auth.write_webhook_message from public;
grant execute on function auth.write_webhook_message to portico_maintenance;
