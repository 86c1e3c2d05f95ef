-- The longest access token a key may have signed: a retired key verifies for this long after it stopped signing.
alter table auth.signing_key add column max_ttl_seconds integer not null default 3600;

-- A heartbeat in one trip. No row: unknown or ended. `rotation_open` tells whether a staged rotation may now be able to switch.
create function auth.heartbeat_instance(p_project uuid, p_id uuid, p_now timestamptz)
  returns table (env_version integer, latest_env_version integer, rotation_open boolean)
  language plpgsql volatile
  as $$
declare
  v_version integer;
begin
  perform auth.enter_project(p_project);
  update auth.instance i set last_seen_at = greatest(i.last_seen_at, p_now)
    where i.project_id = p_project and i.id = p_id and i.ended_at is null
    returning i.env_version into v_version;
  if not found then
    return;
  end if;
  return query select v_version, s.env_version, exists (select 1 from auth.key_rotation r where r.project_id = p_project)
    from auth.service s where s.project_id = p_project;
end $$;
revoke all on function auth.heartbeat_instance(uuid, uuid, timestamptz) from public;
grant execute on function auth.heartbeat_instance(uuid, uuid, timestamptz) to portico_control;

-- Newest first, over the tenant's own events and those of all its projects: each project gives at most one page, read backwards along its index,
-- so the work grows with the number of projects and not with their history.
create or replace function auth.tenant_audit_page(p_tenant uuid, p_actor text, p_action text, p_since timestamptz, p_until timestamptz,
    p_before_at timestamptz, p_before_id uuid, p_limit integer)
  returns table (id uuid, action text, actor_type text, actor_id text, project_id uuid, resource text, resource_id text, ip text, user_agent text,
    metadata jsonb, created_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select * from (
    (select e.id, e.action, e.actor_type, e.actor_id, null::uuid as project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
      from platform.audit_event e
      where e.tenant_id = p_tenant and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at) and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit)
    union all
    select page.* from platform.project p cross join lateral (
      select e.id, e.action, e.actor_type, e.actor_id, e.project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
      from auth.audit_event e
      where e.project_id = p.id and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at) and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit) page
    where p.tenant_id = p_tenant
  ) every
  order by every.created_at desc, every.id desc limit p_limit
$$;
