-- Counts the people and the open sessions of projects in which something happened, or which were last counted an hour ago; a project whose
-- count takes long is counted the more rarely (its time times 200: half a percent of one core). Answers how many projects it counted.
create or replace function auth.roll_up_totals(p_now timestamptz, p_limit integer) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_project uuid;
  v_begun timestamptz;
  v_took integer;
  v_counted integer := 0;
begin
  for v_project in
    select t.project_id from auth.project_total t
    where (t.stale or t.counted_at < p_now - interval '1 hour')
      and (t.counted_at is null or t.counted_at < p_now - t.count_ms * interval '200 milliseconds')
    order by t.counted_at nulls first limit p_limit
  loop
    -- Another worker may have been at it.
    perform 1 from auth.project_total t where t.project_id = v_project and (t.stale or t.counted_at < p_now - interval '1 hour')
      for update skip locked;
    continue when not found;
    v_begun := clock_timestamp();
    update auth.project_total t set stale = false, counted_at = p_now, people = u.people, confirmed = u.confirmed, disabled = u.disabled,
        open_sessions = (select count(*) from auth.session s where s.project_id = v_project and s.ended_at is null
          and (s.expires_at is null or s.expires_at > p_now))
      from (select count(*) as people, count(e.email_verified_at) as confirmed, count(e.disabled_at) as disabled
        from auth.end_user e where e.project_id = v_project) u
      where t.project_id = v_project;
    insert into auth.people_day as d (project_id, day, people, counted_at)
      select v_project, (p_now at time zone 'UTC')::date, t.people, p_now from auth.project_total t where t.project_id = v_project
      on conflict (project_id, day) do update set people = excluded.people, counted_at = excluded.counted_at;
    v_took := ceil(extract(epoch from clock_timestamp() - v_begun) * 1000);
    update auth.project_total t set count_ms = v_took where t.project_id = v_project;
    v_counted := v_counted + 1;
  end loop;
  insert into metering.tenant_total as t (tenant_id, projects, people, confirmed, counted_at)
    select p.tenant_id, count(*) filter (where p.archived_at is null), coalesce(sum(c.people) filter (where p.archived_at is null), 0),
      coalesce(sum(c.confirmed) filter (where p.archived_at is null), 0), p_now
    from platform.project p
    -- `offset 0`: what lies on several machines is gathered first, and then met with what lies on this one.
    left join (select t.project_id, t.people, t.confirmed from auth.project_total t offset 0) c on c.project_id = p.id
    group by p.tenant_id
  on conflict (tenant_id) do update set projects = excluded.projects, people = excluded.people, confirmed = excluded.confirmed,
    counted_at = excluded.counted_at;
  return v_counted;
end $$;

alter function auth.roll_up_totals owner to portico_maintenance;
revoke all on function auth.roll_up_totals from public;
grant execute on function auth.roll_up_totals to portico_worker;
