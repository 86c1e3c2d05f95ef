-- Newest first, over the tenant's own events and those of all its projects. The cursor is (created_at, id) of the last row seen. Each
-- project gives at most one page, read backwards along its index, so the work grows with the number of projects and not with their history.
create or replace function auth.tenant_audit_page(p_tenant uuid, p_actor text, p_action text, p_since timestamptz, p_until timestamptz,
    p_before_at timestamptz, p_before_id uuid, p_limit integer)
  returns table (id uuid, action text, actor_type text, actor_id text, project_id uuid, resource text, resource_id text, ip text,
    user_agent text, metadata jsonb, created_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_project uuid;
  v_projects uuid[] := '{}';
  v_ids uuid[] := '{}';
  v_some uuid[];
begin
  -- The newest of each project, found by its own index, on the machine that holds it.
  for v_project in select p.id from platform.project p where p.tenant_id = p_tenant loop
    select array_agg(n.id) into v_some from (
      select e.id from auth.audit_event e
      where e.project_id = v_project and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at)
        and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit) n;
    continue when v_some is null;
    v_projects := v_projects || v_project;
    v_ids := v_ids || v_some;
  end loop;
  return query
  select * from (
    (select e.id, e.action, e.actor_type, e.actor_id, null::uuid as project_id, e.resource, e.resource_id, e.ip, e.user_agent,
        e.metadata, e.created_at
      from platform.audit_event e
      where e.tenant_id = p_tenant and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at)
        and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit)
    union all
    (select e.id, e.action, e.actor_type, e.actor_id, e.project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
      from auth.audit_event e where e.project_id = any (v_projects) and e.id = any (v_ids)
      order by e.created_at desc, e.id desc limit p_limit offset 0)
  ) every
  order by every.created_at desc, every.id desc limit p_limit;
end $$;

alter function auth.tenant_audit_page owner to portico_maintenance;
revoke all on function auth.tenant_audit_page from public;
grant execute on function auth.tenant_audit_page to portico_control;
