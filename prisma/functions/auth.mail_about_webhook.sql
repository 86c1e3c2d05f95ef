-- Whoever runs the tenant is told by mail that an endpoint was turned off: a part of auth.finish_webhooks. Where nobody opens the console,
-- the event is all there is.
create or replace function auth.mail_about_webhook(p_endpoint uuid, p_now timestamptz) returns void
  language plpgsql volatile set search_path = pg_catalog
  as $$
declare
  v_endpoint record;
  v_project record;
  v_projects uuid[];
  v_users uuid[];
begin
  select e.project_id, e.url, e.failing_since into v_endpoint from auth.webhook_endpoint e where e.id = p_endpoint;
  if found then
    select p.tenant_id, p.name into v_project from platform.project p where p.id = v_endpoint.project_id;
  else
    select t.tenant_id, null::text as name into v_project from platform.webhook_endpoint t where t.id = p_endpoint;
    select t.url, t.failing_since into v_endpoint from platform.webhook_endpoint t where t.id = p_endpoint;
  end if;
  select array_agg(o.people_project_id), array_agg(o.user_id) into v_projects, v_users from auth.tenant_operators(v_project.tenant_id) o;
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
    select o.project_id, gen_random_uuid(), 'security_notice', jsonb_build_object('end_user_id', o.user_id,
        'event', 'webhook_disabled', 'about', jsonb_build_object(
          'connection', left(substring(v_endpoint.url from '^https?://([^/?#]+)'), 200) || coalesce(' (' || v_project.name || ')', ''),
          'date', to_char(v_endpoint.failing_since at time zone 'UTC', 'YYYY-MM-DD'))), p_now, p_now
    from unnest(v_projects, v_users) o (project_id, user_id)
    on conflict do nothing;
end $$;

revoke all on function auth.mail_about_webhook from public;
grant execute on function auth.mail_about_webhook to portico_maintenance;
