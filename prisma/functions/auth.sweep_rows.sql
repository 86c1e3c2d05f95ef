-- Deletes the rows of a table that are due, at most p_limit: a part of the sweepers, and of nothing else. p_due is a condition that speaks
-- of the row as `t`, of the time as $1 and of nothing that a caller gave. Project by project: over several machines each statement goes to
-- the one that holds the project. Whoever holds a row keeps it until the next round. p_walk: no index finds what is due but that of each
-- project, so they are asked for by thousands.
create or replace function auth.sweep_rows(p_table text, p_due text, p_now timestamptz, p_limit integer, p_walk boolean default false)
  returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_chunk uuid[];
  v_projects uuid[] := '{}';
  v_some uuid[];
  v_project uuid;
  v_rows bigint;
  v_gone bigint := 0;
begin
  if p_walk then
    for v_chunk in
      select array_agg(p.id) from (select o.id, (row_number() over (order by o.id) - 1) / 1000 as part from platform.project o) p
      group by p.part
    loop
      execute format('select array_agg(distinct d.project_id) from (select t.project_id from auth.%I t
        where t.project_id = any ($3) and %s limit $2) d', p_table, p_due) into v_some using p_now, p_limit, v_chunk;
      v_projects := v_projects || coalesce(v_some, '{}');
      exit when cardinality(v_projects) >= p_limit;
    end loop;
  else
    execute format('select array_agg(distinct d.project_id) from (select t.project_id from auth.%I t where %s limit $2) d', p_table, p_due)
      into v_projects using p_now, p_limit;
  end if;
  foreach v_project in array coalesce(v_projects, '{}') loop
    execute format('delete from auth.%1$I t where t.project_id = $3 and t.ctid = any (array(
      select t.ctid from auth.%1$I t where t.project_id = $3 and (%2$s) limit $2 for update skip locked))', p_table, p_due)
      using p_now, p_limit - v_gone, v_project;
    get diagnostics v_rows = row_count;
    v_gone := v_gone + v_rows;
    exit when v_gone >= p_limit;
  end loop;
  return v_gone;
end $$;

alter function auth.sweep_rows owner to portico_maintenance;
revoke all on function auth.sweep_rows from public;
