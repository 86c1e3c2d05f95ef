-- What was found out about a sender. Answers whether that is news, in which case its owner is told once, in the audit log: several workers
-- find out the same. A sender that was configured anew meanwhile has another id.
create or replace function auth.note_mail_sender(p_owner text, p_owner_id uuid, p_id uuid, p_state text, p_code text, p_detail text,
  p_config jsonb, p_now timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_before text;
  v_action text;
  v_metadata jsonb;
begin
  if p_owner = 'project' then
    select s.state into v_before from auth.mail_sender s where s.project_id = p_owner_id and s.id = p_id for update;
  else
    select t.state into v_before from platform.mail_sender t where t.tenant_id = p_owner_id and t.id = p_id for update;
  end if;
  if v_before is null then return false; end if;
  if p_owner = 'project' then
    update auth.mail_sender s set state = p_state, config = coalesce(p_config, s.config), failing_code = p_code, failing_detail = p_detail,
        failing_since = case when p_state = 'failing' then coalesce(s.failing_since, p_now) end
      where s.project_id = p_owner_id;
  else
    update platform.mail_sender t set state = p_state, config = coalesce(p_config, t.config), failing_code = p_code,
        failing_detail = p_detail, failing_since = case when p_state = 'failing' then coalesce(t.failing_since, p_now) end
      where t.tenant_id = p_owner_id;
  end if;
  if v_before = p_state then return false; end if;
  v_action := case when p_state = 'failing' then 'mail.sender_failing' else 'mail.sender_ready' end;
  v_metadata := case when p_code is null then '{}'::jsonb else jsonb_build_object('code', p_code) end;
  if p_owner = 'project' then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_owner_id, v_action, 'system', 'mail_sender', p_id::text, v_metadata, p_now);
    insert into auth.change (project_id, changed_at) values (p_owner_id, p_now);
  else
    insert into platform.audit_event (tenant_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_owner_id, v_action, 'system', 'mail_sender', p_id::text, v_metadata, p_now);
    insert into auth.change (project_id, changed_at) select p.id, p_now from platform.project p where p.tenant_id = p_owner_id
      on conflict do nothing;
  end if;
  return true;
end $$;

alter function auth.note_mail_sender owner to portico_maintenance;
revoke all on function auth.note_mail_sender from public;
grant execute on function auth.note_mail_sender to portico_worker, portico_control;
