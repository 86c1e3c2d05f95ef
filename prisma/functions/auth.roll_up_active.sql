-- Counts the people who were active on a day, and in its month, of every project; kinds `active.day` and `active.month`, at the first
-- hour of either. Set, never added. A month is counted again only where the day has changed.
create or replace function auth.roll_up_active(p_day date) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_day timestamptz := p_day::timestamp at time zone 'UTC';
  v_month timestamptz := date_trunc('month', v_day, 'UTC');
begin
  with day as materialized (
    select p.id as project_id, p.tenant_id, a.count from platform.project p
    cross join lateral (select count(*) as count from auth.active_day d where d.project_id = p.id and d.day = p_day) a
    left join auth.hourly_count h on h.project_id = p.id and h.hour = v_day and h.kind = 'active.day' and h.detail = ''
    where p.archived_at is null and a.count > 0 and a.count is distinct from h.count
  ), month as materialized (
    select d.project_id, d.tenant_id, (select count(*) from auth.active_month m
      where m.project_id = d.project_id and m.month = date_trunc('month', p_day)::date) as count
    from day d
  )
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select d.project_id, v_day, 'active.day', '', d.count from day d
    union all
    select m.project_id, v_month, 'active.month', '', m.count from month m
  on conflict (project_id, hour, kind, detail) do update set count = excluded.count;
  insert into metering.tenant_hourly_count as t (tenant_id, hour, kind, detail, count)
    select p.tenant_id, h.hour, h.kind, '', sum(h.count) from auth.hourly_count h join platform.project p on p.id = h.project_id
    where (h.hour = v_day and h.kind = 'active.day') or (h.hour = v_month and h.kind = 'active.month')
    group by 1, 2, 3
  on conflict (tenant_id, hour, kind, detail) do update set count = excluded.count where t.count <> excluded.count;
end $$;

alter function auth.roll_up_active owner to portico_maintenance;
revoke all on function auth.roll_up_active from public;
grant execute on function auth.roll_up_active to portico_worker;
