-- Claims due mail rows over all projects, the same share for each (promise P12): the first step hops from project to project through the
-- index, so a backlog of one costs the others nothing. Rows whose job got lost (Redis came back empty, a worker died) come up again after
-- p_stuck_seconds.
create or replace function auth.claim_outbox(p_now timestamptz, p_limit integer, p_stuck_seconds integer)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  with recursive waiting as (
    (select o.project_id from auth.outbox o where o.status in ('pending', 'enqueued') order by o.project_id limit 1)
    union all
    select (select o.project_id from auth.outbox o where o.status in ('pending', 'enqueued') and o.project_id > w.project_id
      order by o.project_id limit 1)
    from waiting w where w.project_id is not null
  ), share as (
    select greatest(p_limit / greatest(count(*), 1), 1) as rows from waiting
  ), due as (
    select c.project_id, c.id from waiting w cross join lateral (
      select o.project_id, o.id from auth.outbox o
      where o.project_id = w.project_id and o.status in ('pending', 'enqueued') and o.next_attempt_at <= p_now
      order by o.next_attempt_at limit (select rows from share) for update skip locked
    ) c
    limit p_limit
  )
  update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = p_now + make_interval(secs => p_stuck_seconds)
  from due where o.project_id = due.project_id and o.id = due.id
  returning o.project_id, o.id;
end $$;

alter function auth.claim_outbox owner to portico_maintenance;
revoke all on function auth.claim_outbox from public;
grant execute on function auth.claim_outbox to portico_worker;
