-- The next rows of the log that a replay reads, the oldest first, whether they are told or not: `project_id` is null where the endpoint
-- does not hear of it. `of_tenant`: what happened to the tenant itself, told with its oldest project.
create or replace function auth.webhook_replay_page(p_replay platform.webhook_replay, p_rows integer)
  returns table (project_id uuid, id uuid, number bigint, action text, actor_type text, actor_id text, resource text, resource_id text,
    metadata jsonb, created_at timestamptz, of_tenant boolean)
  language plpgsql stable set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_projects uuid[] := (select t.project_ids from platform.webhook_endpoint t where t.id = p_replay.endpoint_id);
begin
  if p_replay.reading is not null then
    return query
    select a.project_id, a.id, a.number, a.action, a.actor_type, a.actor_id, a.resource, a.resource_id, a.metadata, a.created_at, false
    from auth.audit_event a
    where a.project_id = p_replay.reading and a.created_at < p_replay.until
      and (a.created_at, a.id) > (p_replay.place_at, p_replay.place_id)
    order by a.created_at, a.id limit p_rows;
    return;
  end if;
  return query
  select case when e.resource <> 'project' then case when v_projects = '{}' then auth.project_of_tenant(e.tenant_id) end
      else (select p.id from platform.project p where p.id = substring(e.resource_id from '^proj_([0-9a-f-]{36})$')::uuid
        and case when p_replay.of_project is not null then p.id = p_replay.of_project
          else v_projects = '{}' or p.id = any (v_projects) end) end,
    e.id, e.number, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at, e.resource <> 'project'
  from platform.audit_event e
  where e.tenant_id = p_replay.tenant_id and e.created_at < p_replay.until
    and (e.created_at, e.id) > (p_replay.place_at, p_replay.place_id)
  order by e.created_at, e.id limit p_rows;
end $$;

revoke all on function auth.webhook_replay_page from public;
grant execute on function auth.webhook_replay_page to portico_maintenance;
