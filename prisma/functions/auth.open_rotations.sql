-- Projects whose staged rotation may be able to switch; the caller decides within each project's scope.
create or replace function auth.open_rotations() returns table (project_id uuid)
  language sql stable security definer set search_path = pg_catalog
  as $$ select r.project_id from auth.key_rotation r order by r.started_at limit 1000 $$;

alter function auth.open_rotations owner to portico_maintenance;
revoke all on function auth.open_rotations from public;
grant execute on function auth.open_rotations to portico_worker;
