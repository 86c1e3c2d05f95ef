-- Counts the people who were active on a day, and in its month, of every project; kinds `active.day` and `active.month`, at the first
-- hour of either. Set, never added. A month is counted again only where the day has changed.
create or replace function auth.roll_up_active(p_day date) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_day timestamptz := p_day::timestamp at time zone 'UTC';
  v_month timestamptz := date_trunc('month', v_day, 'UTC');
  v_chunk uuid[];
  v_changed uuid[];
begin
  -- By thousands of projects: an index of each knows the day, and none of all together.
  for v_chunk in
    select array_agg(p.id) from (
      select o.id, (row_number() over (order by o.id) - 1) / 1000 as part from platform.project o where o.archived_at is null) p
    group by p.part
  loop
    select array_agg(d.project_id) into v_changed from (
        select a.project_id, count(*) as count from auth.active_day a where a.project_id = any (v_chunk) and a.day = p_day group by 1) d
      left join (select h.project_id, h.count from auth.hourly_count h
        where h.project_id = any (v_chunk) and h.hour = v_day and h.kind = 'active.day' and h.detail = '') h on h.project_id = d.project_id
      where d.count is distinct from h.count;
    continue when v_changed is null;
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
      select a.project_id, v_day, 'active.day', '', count(*) from auth.active_day a
        where a.project_id = any (v_changed) and a.day = p_day group by a.project_id
      on conflict (project_id, hour, kind, detail) do update set count = excluded.count;
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
      select a.project_id, v_month, 'active.month', '', count(*) from auth.active_month a
        where a.project_id = any (v_changed) and a.month = date_trunc('month', p_day)::date group by a.project_id
      on conflict (project_id, hour, kind, detail) do update set count = excluded.count;
  end loop;
  -- `offset 0`: what lies on several machines is gathered first, and then met with what lies on this one.
  insert into metering.tenant_hourly_count as t (tenant_id, hour, kind, detail, count)
    select p.tenant_id, h.hour, h.kind, '', sum(h.count) from (
        select c.project_id, c.hour, c.kind, c.count from auth.hourly_count c
        where c.hour in (v_day, v_month) and ((c.hour = v_day and c.kind = 'active.day') or (c.hour = v_month and c.kind = 'active.month'))
        offset 0) h
      join platform.project p on p.id = h.project_id
    group by 1, 2, 3
  on conflict (tenant_id, hour, kind, detail) do update set count = excluded.count where t.count <> excluded.count;
end $$;

alter function auth.roll_up_active owner to portico_maintenance;
revoke all on function auth.roll_up_active from public;
grant execute on function auth.roll_up_active to portico_worker;
