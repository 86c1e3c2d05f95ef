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
begin
  return query
  with period as (
    select g at time zone 'UTC' as starts_at, (g + v_step) at time zone 'UTC' as ends_at
    from generate_series(date_trunc(p_interval, p_from at time zone 'UTC'), (p_to at time zone 'UTC') - interval '1 microsecond', v_step) g
  ), owned as (
    select p.id, p.name, p.created_at, p.archived_at from platform.project p
    where p.tenant_id = p_tenant and (p_project is null or p.id = p_project)
  ), picked as materialized (
    select o.id, o.name, t.starts_at, t.ends_at from period t cross join owned o
    where not p_together and o.created_at < t.ends_at and (o.archived_at is null or o.archived_at >= t.starts_at)
      and (p_after_at is null or (t.starts_at, o.id) > (p_after_at, p_after_id))
    order by t.starts_at, o.id limit p_limit offset p_offset
  ), named as (
    select k.id, k.name, k.starts_at, k.ends_at, (
        select jsonb_object_agg(c.key, c.count) from (
          select h.kind || ':' || h.detail as key, sum(h.count) as count from auth.hourly_count h
          where h.project_id = k.id and h.hour >= k.starts_at and h.hour < k.ends_at and h.kind = any (p_kinds) group by 1) c) as counts,
      d.people, d.counted_at
    from picked k left join lateral (
      select d.people, d.counted_at from auth.people_day d
      where d.project_id = k.id and d.day < (k.ends_at at time zone 'UTC')::date order by d.day desc limit 1) d on true
    union all
    select null, null, t.starts_at, t.ends_at, (
        select jsonb_object_agg(c.key, c.count) from (
          select h.kind || ':' || h.detail as key, sum(h.count) as count from owned o join auth.hourly_count h on h.project_id = o.id
          where h.hour >= t.starts_at and h.hour < t.ends_at and h.kind = any (p_kinds) group by 1) c),
      d.people, d.counted_at
    from period t cross join lateral (
      select sum(l.people)::bigint as people, min(l.counted_at) as counted_at from owned o cross join lateral (
        select d.people, d.counted_at from auth.people_day d
        where d.project_id = o.id and d.day < (t.ends_at at time zone 'UTC')::date
          and (o.archived_at is null or o.archived_at >= t.starts_at)
        order by d.day desc limit 1) l) d
    where p_together
  )
  select n.id, n.name, n.starts_at, n.ends_at, n.counts, n.people, n.counted_at from named n order by n.starts_at, n.id;
end $$;

alter function auth.usage_rows owner to portico_maintenance;
revoke all on function auth.usage_rows from public;
grant execute on function auth.usage_rows to portico_control;
