-- Adds to counters of the hour, in the transaction of what is counted: one of `p_kind` for each project and detail, or p_weights of them.
-- In one order, so that two who count at once do not wait for each other in a circle.
create or replace function auth.add_counts(p_kind text, p_projects uuid[], p_details text[], p_weights bigint[], p_now timestamptz)
  returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_known uuid[];
begin
  -- A purged one has nothing to add to.
  select array_agg(s.project_id) into v_known from auth.service s where s.project_id = any (p_projects);
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select c.project_id, date_trunc('hour', p_now, 'UTC'), p_kind, c.detail, sum(coalesce(c.weight, 1))
    from unnest(p_projects, p_details, p_weights) c (project_id, detail, weight)
    where c.project_id = any (v_known)
    group by 1, 4 order by 1, 4
  on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
end $$;

alter function auth.add_counts owner to portico_maintenance;
revoke all on function auth.add_counts from public;
