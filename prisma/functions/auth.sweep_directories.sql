-- One bounded round over directories: accounts of people whom a directory deleted long enough ago, each with its audit row, and what the
-- logs say of more than 30 days ago. Returns how many rows went.
create or replace function auth.sweep_directories(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  v_due record;
begin
  for v_due in select d.project_id, d.end_user_id, d.directory_id from auth.directory_user d where d.purge_at <= p_now limit p_limit loop
    -- The account is locked, and not what the directory says of it: so does whoever takes somebody back meanwhile.
    perform 1 from auth.end_user u join auth.directory_user d on d.project_id = u.project_id and d.end_user_id = u.id
      where u.project_id = v_due.project_id and u.id = v_due.end_user_id and d.directory_id = v_due.directory_id and d.purge_at <= p_now
      for update of u skip locked;
    continue when not found;
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
      values (v_due.project_id, 'user.deleted', 'system', null, 'end_user', v_due.end_user_id::text,
        jsonb_build_object('directory_id', v_due.directory_id), p_now);
    delete from auth.end_user u where u.project_id = v_due.project_id and u.id = v_due.end_user_id;
    gone := gone + 1;
  end loop;
  gone := gone + auth.sweep_rows('directory_event', 't.created_at < $1 - interval ''30 days''', p_now, p_limit);
  return gone;
end $$;

alter function auth.sweep_directories owner to portico_maintenance;
revoke all on function auth.sweep_directories from public;
grant execute on function auth.sweep_directories to portico_worker;
