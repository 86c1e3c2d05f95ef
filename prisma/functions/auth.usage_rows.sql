-- What a tenant used, by project and day or month of UTC, in the order of periods and projects; with p_together over all its projects. Of
-- p_project alone where it is given. `counts`: kind, a colon and detail, with their sum. `people`: as last counted by the period's end.
create or replace function auth.usage_rows(p_tenant uuid, p_project uuid, p_from timestamptz, p_to timestamptz, p_interval text,
    p_together boolean, p_kinds text[], p_after_at timestamptz, p_after_id uuid, p_limit integer, p_offset integer)
  returns table (project_id uuid, project_name text, starts_at timestamptz, ends_at timestamptz, counts jsonb, people bigint,
    people_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_step interval := case p_interval when 'month' then interval '1 month' else interval '1 day' end;
  v_picked jsonb;
  v_projects uuid[];
  v_from timestamptz;
  v_to timestamptz;
begin
  -- What is asked for, from the first machine.
  with period as (
    select g at time zone 'UTC' as starts_at, (g + v_step) at time zone 'UTC' as ends_at
    from generate_series(date_trunc(p_interval, p_from at time zone 'UTC'), (p_to at time zone 'UTC') - interval '1 microsecond', v_step) g
  ), owned as (
    select p.id, p.name, p.created_at, p.archived_at from platform.project p
    where p.tenant_id = p_tenant and (p_project is null or p.id = p_project)
  ), picked as (
    select o.id, o.name, o.archived_at, t.starts_at, t.ends_at from period t cross join owned o
    where not p_together and o.created_at < t.ends_at and (o.archived_at is null or o.archived_at >= t.starts_at)
      and (p_after_at is null or (t.starts_at, o.id) > (p_after_at, p_after_id))
    order by t.starts_at, o.id limit p_limit offset p_offset
  ), asked as (
    select k.* from picked k
    union all
    select o.id, o.name, o.archived_at, t.starts_at, t.ends_at from period t left join owned o on true where p_together
  )
  select jsonb_agg(to_jsonb(a)), array_agg(distinct a.id), min(a.starts_at), max(a.ends_at)
    into v_picked, v_projects, v_from, v_to from asked a;
  -- Then what was counted, from the machines that hold the projects; then both.
  return query
  with asked as (
    select a.* from jsonb_to_recordset(v_picked) a (id uuid, name text, archived_at timestamptz, starts_at timestamptz, ends_at timestamptz)
  ), counted as materialized (
    select h.project_id, date_trunc(p_interval, h.hour, 'UTC') as starts_at, h.kind || ':' || h.detail as key, sum(h.count) as count
    from auth.hourly_count h where h.project_id = any (v_projects) and h.hour >= v_from and h.hour < v_to and h.kind = any (p_kinds)
    group by 1, 2, 3
  ), peopled as materialized (
    select d.project_id, d.day, d.people, d.counted_at from auth.people_day d
    where d.project_id = any (v_projects) and d.day < (v_to at time zone 'UTC')::date
  ), last as (
    select distinct on (a.id, a.starts_at) a.id, a.starts_at, d.people, d.counted_at
    from asked a join peopled d on d.project_id = a.id and d.day < (a.ends_at at time zone 'UTC')::date
    where not p_together or a.archived_at is null or a.archived_at >= a.starts_at
    order by a.id, a.starts_at, d.day desc
  ), summed as (
    select c.project_id, c.starts_at, jsonb_object_agg(c.key, c.count) as counts from counted c where not p_together group by 1, 2
    union all
    select null, k.starts_at, jsonb_object_agg(k.key, k.count) from (
      select c.starts_at, c.key, sum(c.count) as count from counted c where p_together group by 1, 2) k group by 2
  ), named as (
    select a.id, a.name, a.starts_at, a.ends_at, l.people, l.counted_at from asked a
    left join last l on l.id = a.id and l.starts_at = a.starts_at where not p_together
    union all
    select null, null, a.starts_at, a.ends_at, sum(l.people)::bigint, min(l.counted_at) from asked a
    left join last l on l.id = a.id and l.starts_at = a.starts_at where p_together group by a.starts_at, a.ends_at
  )
  select n.id, n.name, n.starts_at, n.ends_at, s.counts, n.people, n.counted_at
  from named n left join summed s on s.starts_at = n.starts_at and s.project_id is not distinct from n.id
  order by n.starts_at, n.id;
end $$;

alter function auth.usage_rows owner to portico_maintenance;
revoke all on function auth.usage_rows from public;
grant execute on function auth.usage_rows to portico_control;
