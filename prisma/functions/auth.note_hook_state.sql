-- An endpoint stopped answering, or answers again. Told once, however many processes find it out.
create or replace function auth.note_hook_state(p_project uuid, p_id uuid, p_failing boolean, p_reason text, p_now timestamptz)
  returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_hook text;
begin
  update auth.hook h set failing_since = case when p_failing then p_now end
    where h.project_id = p_project and h.id = p_id and (h.failing_since is null) = p_failing returning h.hook into v_hook;
  if v_hook is null then
    return false;
  end if;
  insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
    values (p_project, case when p_failing then 'hook.failing' else 'hook.recovered' end, 'system', 'hook', v_hook,
      case when p_failing then jsonb_build_object('reason', p_reason) else '{}'::jsonb end, p_now);
  return true;
end $$;

alter function auth.note_hook_state owner to portico_maintenance;
revoke all on function auth.note_hook_state from public;
grant execute on function auth.note_hook_state to portico_data, portico_worker, portico_control;
