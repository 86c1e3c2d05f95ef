-- What a process needs to serve one project: scope, settings and sealed keys, in one row.
create or replace function auth.resolve_project(p_project uuid)
  returns table (project_id uuid, tenant_id uuid, name text, resource_type text, external_project_id text, archived boolean,
    enabled boolean, first_enabled_at timestamptz, settings jsonb, env_version integer, created_at timestamptz, updated_at timestamptz,
    keys jsonb, token_key_sealed bytea, own_mail_sender boolean, own_mail_templates boolean,
    sign_ups_paused text, main_domain text, main_domain_serves boolean, hooks jsonb)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select p.id, p.tenant_id, p.name, p.resource_type, p.external_project_id, p.archived_at is not null,
    s.enabled, s.first_enabled_at, s.settings, s.env_version, s.created_at, s.updated_at,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'public_jwk', k.public_jwk, 'created_at', k.created_at, 'verify_until', k.verify_until) order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p.id), '[]'::jsonb),
    s.token_key_sealed,
    exists (select 1 from auth.mail_sender m where m.project_id = p.id and m.state <> 'pending')
      or exists (select 1 from platform.mail_sender t where t.tenant_id = p.tenant_id and t.state <> 'pending'),
    exists (select 1 from auth.mail_template t where t.project_id = p.id),
    s.sign_ups_paused,
    main.hostname, coalesce(main.serves, false),
    (select jsonb_object_agg(h.hook, jsonb_build_object('id', h.id, 'url', h.url, 'on_failure', h.on_failure,
        'sealed', encode(h.secret_sealed, 'base64')))
      from auth.hook h where h.project_id = p.id and h.enabled)
  from platform.project p join auth.service s on s.project_id = p.id
    -- What an operator made the main one is taken to lead here, whatever stands in between.
    left join lateral (select d.hostname, d.points_here_since is not null or d.main_at is not null as serves from auth.domain d
      where d.project_id = p.id and d.verified_at is not null
      order by d.main_at desc nulls last, d.verified_at, d.hostname limit 1) main on true
  where p.id = p_project;
end $$;

alter function auth.resolve_project owner to portico_maintenance;
revoke all on function auth.resolve_project from public;
grant execute on function auth.resolve_project to portico_control, portico_data, portico_worker;
