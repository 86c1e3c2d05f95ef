-- The change feed of every process: what was noted after p_since, or in the last moments where that is null, and what to ask from next
-- time.
-- p_overlap_seconds is more than a transaction may last from its first note to its commit: a reader that comes again from `as_of` minus the
-- overlap misses nothing, and knows the rest by id. More than p_limit rows are not answered: `complete` says so.
-- Each change is [id, project, user or null, changed_at as seconds].
create or replace function auth.changes_since(p_since timestamptz, p_overlap_seconds integer, p_limit integer)
  returns table (as_of timestamptz, complete boolean, changes json)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select now(), count(*) <= p_limit,
    coalesce(json_agg(json_build_array(c.id, c.project_id, c.end_user_id, extract(epoch from c.changed_at))), '[]')
  from (
    select n.id, n.project_id, n.end_user_id, n.changed_at from auth.change n
    where n.noted_at > coalesce(p_since, now()) - make_interval(secs => p_overlap_seconds)
    order by n.noted_at limit p_limit + 1
  ) c;
end $$;

alter function auth.changes_since owner to portico_maintenance;
revoke all on function auth.changes_since from public;
grant execute on function auth.changes_since to portico_control, portico_data, portico_worker;
