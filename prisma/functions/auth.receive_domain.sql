-- What a project is told that was given a domain (auth.hand_over_domain): its audit row, another environment where tokens name the main
-- domain, and the other processes. Where that project lies, which may be another machine than that of who gave it.
create or replace function auth.receive_domain(p_project uuid, p_id uuid, p_hostname text, p_from uuid, p_by jsonb, p_now timestamptz)
  returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  update auth.service s set env_version = s.env_version + 1
    where s.project_id = p_project and s.settings ->> 'token_issuer' = 'main_domain';
  insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_project, 'domain.received', p_by ->> 'type', p_by ->> 'id', 'domain', 'dom_' || p_id, p_by ->> 'ip', p_by ->> 'user_agent',
      jsonb_build_object('hostname', p_hostname, 'from_project', 'proj_' || p_from), p_now);
  insert into auth.change (project_id, changed_at) values (p_project, p_now);
end $$;

alter function auth.receive_domain owner to portico_maintenance;
revoke all on function auth.receive_domain from public;
grant execute on function auth.receive_domain to portico_control;
