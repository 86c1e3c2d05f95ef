-- The latest captured mails of all projects, or of those of one tenant, for the development inbox.
create or replace function auth.dev_inbox(p_tenant uuid, p_limit integer)
  returns table (project_id uuid, outbox_id uuid, to_address text, subject text, text text, html text, link text, code text,
    created_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant);
begin
  return query
  select m.project_id, m.outbox_id, m.to_address, m.subject, m.text, m.html, m.link, m.code, m.created_at
  from auth.dev_mail m
  where p_tenant is null or m.project_id = any (v_projects)
  order by m.created_at desc, m.outbox_id limit p_limit;
end $$;

alter function auth.dev_inbox owner to portico_maintenance;
revoke all on function auth.dev_inbox from public;
grant execute on function auth.dev_inbox to portico_control;
