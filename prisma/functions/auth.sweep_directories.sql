-- One bounded round over directories: accounts of people whom a directory deleted long enough ago, each with its audit row, and what the
-- logs say of more than 30 days ago. Returns how many rows went.
create or replace function auth.sweep_directories(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  -- The account is locked, and not what the directory says of it: so does whoever takes somebody back meanwhile.
  with due as (
      select d.project_id, d.end_user_id, d.directory_id from auth.directory_user d
        join auth.end_user u on u.project_id = d.project_id and u.id = d.end_user_id
        where d.purge_at <= p_now limit p_limit for update of u skip locked),
    noted as (
      insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
        select due.project_id, 'user.deleted', 'system', null, 'end_user', due.end_user_id::text,
          jsonb_build_object('directory_id', due.directory_id), p_now from due)
  delete from auth.end_user u using due where u.project_id = due.project_id and u.id = due.end_user_id;
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.directory_event where ctid = any (array(
    select e.ctid from auth.directory_event e where e.created_at < p_now - interval '30 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

alter function auth.sweep_directories owner to portico_maintenance;
revoke all on function auth.sweep_directories from public;
grant execute on function auth.sweep_directories to portico_worker;
