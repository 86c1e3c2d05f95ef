-- Moves a domain of the current project to another one of the same tenant, with its proof. Answers the host name; null: no such domain, or
-- no such project of the tenant. The other project is told by auth.receive_domain, in the same transaction.
create or replace function auth.hand_over_domain(p_id uuid, p_target uuid) returns text
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_from uuid := auth.current_project_id();
  v_hostname text;
begin
  perform 1 from platform.project f join platform.project t on t.tenant_id = f.tenant_id
    where f.id = v_from and t.id = p_target and t.id <> v_from and t.archived_at is null;
  if not found then return null; end if;
  select d.hostname into v_hostname from auth.domain d where d.project_id = v_from and d.id = p_id for update;
  if not found then return null; end if;
  -- Announced there already: the proof that is handed over counts.
  delete from auth.domain d where d.project_id = p_target and d.hostname = v_hostname and d.verified_at is null;
  update auth.domain d set project_id = p_target, main_at = null where d.project_id = v_from and d.id = p_id;
  return v_hostname;
end $$;

alter function auth.hand_over_domain owner to portico_maintenance;
revoke all on function auth.hand_over_domain from public;
grant execute on function auth.hand_over_domain to portico_control;
