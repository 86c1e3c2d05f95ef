-- Whose sessions or state changed in the last p_hours, the latest change of each by whichever clock
-- was ahead, the newest p_limit of them: what a data plane that starts has
-- to know, since tokens that were signed before may live for that long.
create or replace function auth.changed_users(p_hours integer, p_limit integer)
  returns table (project_id uuid, end_user_id uuid, changed_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select c.project_id, c.end_user_id, greatest(max(c.changed_at), max(c.noted_at)) from auth.change c
  where c.noted_at > now() - make_interval(hours => p_hours) and c.end_user_id is not null
  group by c.project_id, c.end_user_id order by 3 desc limit p_limit;
end $$;

alter function auth.changed_users owner to portico_maintenance;
revoke all on function auth.changed_users from public;
grant execute on function auth.changed_users to portico_data;
