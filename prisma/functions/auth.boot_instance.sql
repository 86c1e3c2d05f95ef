-- Boot: registers a runtime instance and answers what its environment is made of, in one trip.
create or replace function auth.boot_instance(p_project uuid, p_id uuid, p_name text, p_metadata jsonb, p_now timestamptz,
    p_reads text[] default null, p_by jsonb default null)
  returns table (env_version integer, enabled boolean, keys jsonb, variables jsonb, rotation_from text, rotation_to text,
    rotation_standby text, issuer_host text)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_service auth.service;
  v_rotation auth.key_rotation;
  v_kids text[];
  v_boots bigint;
begin
  -- Shared lock: a rotation or an enable that runs now waits, so the instance's kids and env_version agree with what it was given.
  select s.* into v_service from auth.service s where s.project_id = p_project for share;
  if not found then
    return;
  end if;
  select r.* into v_rotation from auth.key_rotation r where r.project_id = p_project;
  -- What the environment holds: the key that signs, and the one that signs next. The standby for the time after an open rotation is not
  -- given out yet.
  select coalesce(array_agg(k.kid), '{}') into v_kids from auth.signing_key k
    where k.project_id = p_project and v_service.enabled
      and (k.state = 'current' or (k.state = 'standby' and k.kid = coalesce(v_rotation.to_kid, k.kid)));
  insert into auth.instance (project_id, id, name, metadata, env_version, kids, reads, booted_at, last_seen_at)
    values (p_project, p_id, p_name, p_metadata, v_service.env_version, v_kids, p_reads, p_now, p_now);
  -- Whoever boots is handed the secret, so each boot leaves a row. A crash loop leaves a thousand in an hour, then one in each tenfold with
  -- the number.
  select count(*) into v_boots from (select from auth.instance i
    where i.project_id = p_project and i.booted_at > p_now - interval '1 hour' limit 100001) hour;
  if v_boots <= 1000 or v_boots in (10000, 100000) then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'instance.booted', coalesce(p_by->>'type', 'system'), p_by->>'id', 'instance', p_by->>'instance', p_by->>'ip',
        p_by->>'user_agent', jsonb_build_object('boots', v_boots, 'env_version', v_service.env_version, 'secret', v_service.enabled),
        p_now);
  end if;
  return query select v_service.env_version, v_service.enabled,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'created_at', k.created_at, 'activated_at', k.activated_at, 'retired_at', k.retired_at, 'verify_until', k.verify_until)
          order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p_project), '[]'::jsonb),
    coalesce((select jsonb_agg(jsonb_build_object('name', v.name, 'sealed', encode(v.sealed, 'base64'))) from auth.runtime_variable v
      where v.project_id = p_project), '[]'::jsonb),
    v_rotation.from_kid, v_rotation.to_kid, v_rotation.new_standby_kid,
    (select d.hostname from auth.domain d
      where d.project_id = p_project and d.verified_at is not null and v_service.settings ->> 'token_issuer' = 'main_domain'
      order by d.main_at desc nulls last, d.verified_at, d.hostname limit 1);
end $$;

revoke all on function auth.boot_instance from public;
grant execute on function auth.boot_instance to portico_control;
