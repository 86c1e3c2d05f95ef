-- Claims due mail rows over all projects, the same share for each (promise P12): hops from project to project through the index, so a
-- backlog of one costs the others nothing, and begins anywhere, so that where time or room ends is another project's place each round. Rows
-- whose job got lost (Redis came back empty, a worker died) come up again after p_stuck_seconds.
-- Rows of one project are locked and taken by one statement: over several machines it goes to the one that holds the project.
create or replace function auth.claim_outbox(p_now timestamptz, p_limit integer, p_stuck_seconds integer)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_stuck_seconds);
  v_first uuid := gen_random_uuid();
  v_at uuid := v_first;
  v_next uuid;
  v_wrapped boolean := false;
  v_projects uuid[] := '{}';
  v_share integer;
  v_left integer := p_limit;
  v_rows integer;
begin
  -- Half a second is a quarter of what a statement may take.
  while clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    v_next := (select o.project_id from auth.outbox o where o.status in ('pending', 'enqueued') and o.project_id > v_at
      order by o.project_id limit 1);
    if v_wrapped and (v_next is null or v_next > v_first) then exit; end if;
    if v_next is null then
      v_wrapped := true;
      v_at := '00000000-0000-0000-0000-000000000000';
    else
      v_projects := v_projects || v_next;
      v_at := v_next;
    end if;
  end loop;
  v_share := greatest(p_limit / greatest(cardinality(v_projects), 1), 1);
  foreach v_next in array v_projects loop
    return query
      update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = v_again
      where o.project_id = v_next and o.id = any (array(
        select d.id from auth.outbox d
        where d.project_id = v_next and d.status in ('pending', 'enqueued') and d.next_attempt_at <= p_now
        order by d.next_attempt_at limit least(v_share, v_left) for update skip locked))
      returning o.project_id, o.id;
    get diagnostics v_rows = row_count;
    v_left := v_left - v_rows;
    exit when v_left <= 0;
  end loop;
end $$;

alter function auth.claim_outbox owner to portico_maintenance;
revoke all on function auth.claim_outbox from public;
grant execute on function auth.claim_outbox to portico_worker;
