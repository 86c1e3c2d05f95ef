-- One bounded step of those replays that have waited longest: at most p_rows rows of a log are read for each, whether they are told or not,
-- and never more than p_waiting deliveries wait for its endpoint, so that what happens now is not behind all of a month. Answers how many
-- rows were read, and how many deliveries made; both 0: there is nothing to do at the moment.
create or replace function auth.work_on_webhook_replays(p_rows integer, p_waiting integer, p_most integer, p_now timestamptz)
  returns table (read integer, made integer)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_replay platform.webhook_replay;
  v_there boolean;
  v_room integer;
  v_read integer;
  v_made integer;
  v_next uuid;
  v_event record;
  v_message text;
begin
  read := 0;
  made := 0;
  for v_replay in
    select r.* from platform.webhook_replay r where r.status = 'running' order by r.worked_at limit 5 for update skip locked
  loop
    v_there := exists (select 1 from platform.webhook_endpoint t where t.id = v_replay.endpoint_id and t.disabled_at is null);
    if not v_there then
      perform 1 from auth.webhook_endpoint e where e.id = v_replay.endpoint_id and e.disabled_at is null limit 1;
      v_there := found;
    end if;
    if not v_there then
      update platform.webhook_replay r set status = 'cancelled', done_at = p_now where r.id = v_replay.id;
      continue;
    end if;
    select count(*) into v_room from (select 1 from auth.webhook_delivery d
      where d.endpoint_id = v_replay.endpoint_id and d.status = 'pending' limit p_waiting) w;
    v_room := least(p_waiting - v_room, p_most - v_replay.deliveries);
    v_read := 0;
    v_made := 0;
    if v_room > 0 then
      for v_event in select e.* from auth.webhook_replay_page(v_replay, p_rows) e loop
        exit when v_made >= v_room;
        v_read := v_read + 1;
        v_replay.place_at := v_event.created_at;
        v_replay.place_id := v_event.id;
        continue when v_event.project_id is null or v_event.number is null or v_event.action <> all (v_replay.types);
        v_message := auth.write_webhook_message(v_event.project_id, v_event.number, v_event.action, v_event.actor_type, v_event.actor_id,
          v_event.resource, v_event.resource_id, v_event.metadata, v_event.created_at, v_event.of_tenant);
        insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
          values (v_event.project_id, v_replay.endpoint_id, v_message,
            case when v_event.resource = 'end_user' then v_event.resource_id when v_event.actor_type = 'end_user' then v_event.actor_id end,
            v_event.number, p_now, p_now);
        v_made := v_made + 1;
      end loop;
      v_replay.deliveries := v_replay.deliveries + v_made;
      if v_made < v_room and v_read < p_rows then
        -- This log is at its end: the next project's.
        select min(p.id::text)::uuid into v_next
        from platform.project p left join platform.webhook_endpoint t on t.id = v_replay.endpoint_id
          where p.tenant_id = v_replay.tenant_id and (v_replay.reading is null or p.id > v_replay.reading)
            and case when v_replay.of_project is not null then p.id = v_replay.of_project
              else t.project_ids = '{}' or p.id = any (t.project_ids) end;
        if v_next is null then
          v_replay.status := 'done';
        else
          -- Another log is something to do, also where it is empty.
          v_read := v_read + 1;
          v_replay.reading := v_next;
          v_replay.place_at := v_replay.since;
          v_replay.place_id := '00000000-0000-0000-0000-000000000000';
        end if;
      elsif v_replay.deliveries >= p_most then
        v_replay.status := 'full';
      end if;
    end if;
    update platform.webhook_replay r set status = v_replay.status, reading = v_replay.reading, place_at = v_replay.place_at,
        place_id = v_replay.place_id, deliveries = v_replay.deliveries, worked_at = clock_timestamp(),
        done_at = case when v_replay.status <> 'running' then p_now end
      where r.id = v_replay.id;
    read := read + v_read;
    made := made + v_made;
  end loop;
  return next;
end $$;

alter function auth.work_on_webhook_replays owner to portico_maintenance;
revoke all on function auth.work_on_webhook_replays from public;
grant execute on function auth.work_on_webhook_replays to portico_worker;
