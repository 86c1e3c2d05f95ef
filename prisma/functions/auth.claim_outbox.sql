-- Claims due mail rows over all projects, the same share for each (promise P12). Who has something due is read from the index by pieces,
-- long ones as long as they find many projects and short ones where one has a backlog, so that it costs the others nothing. Where more
-- waits than a piece, it begins anywhere, so that where time or room ends is another project's place each round. Rows whose job got lost
-- (Redis came back empty, a worker died) come up again after p_stuck_seconds.
-- Rows of one project are locked by one statement: over several machines it goes to the one that holds the project. Many projects with few
-- rows each are then changed by one statement for all: it waits for nobody, since it holds the locks.
create or replace function auth.claim_outbox(p_now timestamptz, p_limit integer, p_stuck_seconds integer)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_stuck_seconds);
  v_after uuid := '00000000-0000-0000-0000-000000000000';
  v_until uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_first uuid;
  v_wrapped boolean := false;
  v_over boolean := false;
  v_piece integer := 64;
  v_hops boolean := false;
  v_looks integer := 0;
  v_at timestamptz;
  v_rows integer;
  v_some uuid[];
  v_due uuid[];
  v_projects uuid[] := '{}';
  v_project uuid;
  v_share integer;
  v_left integer := p_limit;
  v_of uuid[];
  v_ids uuid[];
begin
  -- Half a second is a quarter of what a statement may take.
  while not v_over and v_left > 0 and clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    v_looks := v_looks + 1;
    -- Where each has a backlog, from one to the next; now and then it is looked whether that is so.
    if v_hops and v_looks % 8 <> 0 then
      v_piece := 1;
      select o.project_id, o.next_attempt_at into v_project, v_at from auth.outbox o
        where o.status in ('pending', 'enqueued') and o.project_id > v_after and o.project_id <= v_until
        order by o.project_id, o.next_attempt_at limit 1;
      v_rows := case when v_project is not null then 1 else 0 end;
      v_some := array[v_project];
      v_due := case when v_at <= p_now then v_some end;
    else
      v_piece := greatest(v_piece, 32);
      select array_agg(w.project_id), array_agg(w.project_id) filter (where w.first_at <= p_now), sum(w.rows)
        into v_some, v_due, v_rows from (
          select p.project_id, min(p.next_attempt_at) as first_at, count(*) as rows from (
            select o.project_id, o.next_attempt_at from auth.outbox o
            where o.status in ('pending', 'enqueued') and o.project_id > v_after and o.project_id <= v_until
            order by o.project_id, o.next_attempt_at limit v_piece) p
          group by p.project_id order by p.project_id) w;
    end if;
    if v_first is null and v_rows = v_piece then
      v_first := gen_random_uuid();
      v_after := v_first;
      continue;
    end if;
    v_projects := v_projects || v_due;
    if v_rows = v_piece then
      v_after := v_some[cardinality(v_some)];
      v_hops := cardinality(v_some) = 1;
      v_piece := least(32 * cardinality(v_some), 4096);
    elsif v_first is null or v_wrapped then
      v_over := true;
    else
      v_wrapped := true;
      v_after := '00000000-0000-0000-0000-000000000000';
      v_until := v_first;
    end if;
    continue when cardinality(v_projects) = 0 or (not v_over and cardinality(v_projects) < v_left);
    v_share := greatest(v_left / cardinality(v_projects), 1);
    v_of := '{}';
    v_ids := '{}';
    foreach v_project in array v_projects loop
      exit when v_left <= 0;
      if v_share >= 8 then
        return query
          update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = v_again
          where o.project_id = v_project and o.id = any (array(
            select d.id from auth.outbox d
            where d.project_id = v_project and d.status in ('pending', 'enqueued') and d.next_attempt_at <= p_now
            order by d.next_attempt_at limit least(v_share, v_left) for update skip locked))
          returning o.project_id, o.id;
        get diagnostics v_rows = row_count;
        v_left := v_left - v_rows;
        continue;
      end if;
      select array_agg(d.id) into v_some from (
        select o.id from auth.outbox o
        where o.project_id = v_project and o.status in ('pending', 'enqueued') and o.next_attempt_at <= p_now
        order by o.next_attempt_at limit least(v_share, v_left) for update skip locked) d;
      continue when v_some is null;
      v_of := v_of || v_project;
      v_ids := v_ids || v_some;
      v_left := v_left - cardinality(v_some);
    end loop;
    if v_ids <> '{}' then
      return query
        update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = v_again
        where o.project_id = any (v_of) and o.id = any (v_ids) returning o.project_id, o.id;
    end if;
    v_projects := '{}';
  end loop;
end $$;

alter function auth.claim_outbox owner to portico_maintenance;
revoke all on function auth.claim_outbox from public;
grant execute on function auth.claim_outbox to portico_worker;
