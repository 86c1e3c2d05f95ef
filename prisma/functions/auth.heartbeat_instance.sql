-- A heartbeat in one trip. No row: unknown or ended. `rotation_open` tells whether a staged rotation may now be able to switch.
create or replace function auth.heartbeat_instance(p_project uuid, p_id uuid, p_now timestamptz, p_reads text[] default null)
  returns table (env_version integer, latest_env_version integer, rotation_open boolean)
  language plpgsql volatile
  as $$
declare
  v_version integer;
begin
  perform auth.enter_project(p_project);
  update auth.instance i set last_seen_at = greatest(i.last_seen_at, p_now), reads = coalesce(p_reads, i.reads)
    where i.project_id = p_project and i.id = p_id and i.ended_at is null
    returning i.env_version into v_version;
  if not found then
    return;
  end if;
  return query select v_version, s.env_version, exists (select 1 from auth.key_rotation r where r.project_id = p_project)
    from auth.service s where s.project_id = p_project;
end $$;

revoke all on function auth.heartbeat_instance from public;
grant execute on function auth.heartbeat_instance to portico_control;
