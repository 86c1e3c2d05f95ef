-- Counts again what became of the mails that ended in the hour of p_since and later: set, never added, so it may run as often as it likes.
create or replace function auth.roll_up_mails(p_since timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_from timestamptz := date_trunc('hour', p_since, 'UTC');
  v_ended jsonb;
begin
  select jsonb_agg(to_jsonb(e)) into v_ended from (
    select o.project_id, date_trunc('hour', o.done_at, 'UTC') as hour, o.status, count(*) as count
    from auth.outbox o where o.done_at >= v_from group by 1, 2, 3) e;
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select e.project_id, e.hour, 'mail', e.status, e.count
    from jsonb_to_recordset(v_ended) e (project_id uuid, hour timestamptz, status text, count bigint) order by 1, 2, 4
    on conflict (project_id, hour, kind, detail) do update set count = excluded.count where h.count <> excluded.count;
  insert into metering.tenant_hourly_count as h (tenant_id, hour, kind, detail, count)
    select p.tenant_id, e.hour, 'mail', e.status, sum(e.count)
    from jsonb_to_recordset(v_ended) e (project_id uuid, hour timestamptz, status text, count bigint)
    join platform.project p on p.id = e.project_id group by 1, 2, 4
    on conflict (tenant_id, hour, kind, detail) do update set count = excluded.count where h.count <> excluded.count;
end $$;

alter function auth.roll_up_mails owner to portico_maintenance;
revoke all on function auth.roll_up_mails from public;
grant execute on function auth.roll_up_mails to portico_worker;
