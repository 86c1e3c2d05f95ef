-- Up to when events are counted, and how many mails wait: of one project, or of all projects of a tenant where p_project is null.
create or replace function auth.stats_state(p_tenant uuid, p_project uuid) returns table (complete_at timestamptz, mails_waiting bigint)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant and (p_project is null or p.id = p_project));
  v_complete_at timestamptz := (select r.complete_at from metering.event_reader r);
begin
  return query select v_complete_at, count(*) from auth.outbox o
    where o.project_id = any (v_projects) and o.status in ('pending', 'enqueued');
end $$;

alter function auth.stats_state owner to portico_maintenance;
revoke all on function auth.stats_state from public;
grant execute on function auth.stats_state to portico_control;
