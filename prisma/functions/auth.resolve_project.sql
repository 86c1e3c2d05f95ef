-- What a process needs to serve one project: scope, settings and sealed keys, in one row.
create or replace function auth.resolve_project(p_project uuid)
  returns table (project_id uuid, tenant_id uuid, name text, resource_type text, external_project_id text, archived boolean,
    enabled boolean, first_enabled_at timestamptz, settings jsonb, env_version integer, created_at timestamptz, updated_at timestamptz,
    keys jsonb, token_key_sealed bytea, own_mail_sender boolean, own_mail_templates boolean,
    sign_ups_paused text, main_domain text, main_domain_serves boolean, hooks jsonb)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_project record;
  v_main record;
begin
  -- The project's own row and its tenant's sender lie on the first machine, the rest on the one that holds the project.
  select p.*, exists (select 1 from platform.mail_sender t where t.tenant_id = p.tenant_id and t.state <> 'pending') as tenant_sends
    into v_project from platform.project p where p.id = p_project;
  if not found then
    return;
  end if;
  -- What an operator made the main one is taken to lead here, whatever stands in between.
  select d.hostname, d.points_here_since is not null or d.main_at is not null as serves into v_main from auth.domain d
    where d.project_id = p_project and d.verified_at is not null
    order by d.main_at desc nulls last, d.verified_at, d.hostname limit 1;
  return query
  select s.project_id, v_project.tenant_id, v_project.name, v_project.resource_type, v_project.external_project_id,
    v_project.archived_at is not null, s.enabled, s.first_enabled_at, s.settings, s.env_version, s.created_at, s.updated_at,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'public_jwk', k.public_jwk, 'created_at', k.created_at, 'verify_until', k.verify_until) order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p_project), '[]'::jsonb),
    s.token_key_sealed,
    v_project.tenant_sends or exists (select 1 from auth.mail_sender m where m.project_id = p_project and m.state <> 'pending'),
    exists (select 1 from auth.mail_template t where t.project_id = p_project),
    s.sign_ups_paused, v_main.hostname, coalesce(v_main.serves, false),
    (select jsonb_object_agg(h.hook, jsonb_build_object('id', h.id, 'url', h.url, 'on_failure', h.on_failure,
        'sealed', encode(h.secret_sealed, 'base64')))
      from auth.hook h where h.project_id = p_project and h.enabled)
  from auth.service s where s.project_id = p_project;
end $$;

alter function auth.resolve_project owner to portico_maintenance;
revoke all on function auth.resolve_project from public;
grant execute on function auth.resolve_project to portico_control, portico_data, portico_worker;
