-- Whoever runs the tenant is told by mail that an endpoint was turned off: a part of auth.finish_webhooks. Where nobody opens the console,
-- the event is all there is.
create or replace function auth.mail_about_webhook(p_endpoint uuid, p_now timestamptz) returns void
  language plpgsql volatile set search_path = pg_catalog
  as $$
begin
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
  select o.people_project_id, gen_random_uuid(), 'security_notice', jsonb_build_object('end_user_id', o.user_id,
      'event', 'webhook_disabled', 'about', jsonb_build_object(
        'connection', left(substring(w.url from '^https?://([^/?#]+)'), 200) || coalesce(' (' || w.project || ')', ''),
        'date', to_char(w.failing_since at time zone 'UTC', 'YYYY-MM-DD'))), p_now, p_now
  from (
    select p.tenant_id, p.name as project, e.url, e.failing_since from auth.webhook_endpoint e
      join platform.project p on p.id = e.project_id where e.id = p_endpoint
    union all
    select t.tenant_id, null, t.url, t.failing_since from platform.webhook_endpoint t where t.id = p_endpoint) w
  cross join lateral auth.tenant_operators(w.tenant_id) o;
end $$;

revoke all on function auth.mail_about_webhook from public;
grant execute on function auth.mail_about_webhook to portico_maintenance;
