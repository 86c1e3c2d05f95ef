-- Tells a project, once a day, that its mails through the installation's sender are held down.
create or replace function auth.note_mail_limited(p_project uuid, p_metadata jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select 1 from auth.audit_event a where a.project_id = p_project and a.created_at > p_now - interval '24 hours'
      and a.action = 'mail.project_limited') then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_project, 'mail.project_limited', 'system', 'project', 'proj_' || p_project, p_metadata, p_now);
  end if;
end $$;

alter function auth.note_mail_limited owner to portico_maintenance;
revoke all on function auth.note_mail_limited from public;
grant execute on function auth.note_mail_limited to portico_worker;
