-- One bounded round of housekeeping; returns how many rows went. Call again until it returns less than p_limit.
create or replace function auth.sweep_expired(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
  v_project uuid;
begin
  gone := gone + auth.sweep_rows('one_time_token', 't.expires_at < $1 - interval ''7 days''', p_now, p_limit);
  -- An ended session is kept for a week, so that it can be told from one that never was.
  gone := gone + auth.sweep_rows('session', 't.ended_at < $1 - interval ''7 days''', p_now, p_limit);
  -- Idle for over a year (the largest setting) or past its absolute end.
  gone := gone + auth.sweep_rows('session',
    't.expires_at < $1 - interval ''7 days'' or t.last_used_at < $1 - interval ''366 days''', p_now, p_limit);
  -- By the clock that wrote it. Longer than a token lives.
  gone := gone + auth.sweep_rows('change', 't.noted_at < $1 - interval ''26 hours''', clock_timestamp(), p_limit);
  gone := gone + auth.sweep_rows('outbox', 't.done_at < $1 - interval ''30 days'' and t.status <> ''dead''', p_now, p_limit);
  gone := gone + auth.sweep_rows('signing_key', 't.state = ''retired'' and t.verify_until < $1 - interval ''30 days''', p_now, p_limit);
  gone := gone + auth.sweep_rows('instance', 'coalesce(t.ended_at, t.last_seen_at) < $1 - interval ''30 days''', p_now, p_limit);
  delete from platform.idempotency_record where ctid = any (array(
    select r.ctid from platform.idempotency_record r where r.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from limits.rate_limit where ctid = any (array(
    select l.ctid from limits.rate_limit l where l.expire < extract(epoch from p_now) * 1000 limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Archived for 30 days: purged with everything in it. No key leads from a table that is shared out to one that is not, so the rows of
  -- the project are told to go.
  for v_project in
    select p.id from platform.project p where p.archived_at < p_now - interval '30 days'
    limit greatest(p_limit / 100, 1) for update skip locked
  loop
    delete from auth.domain d where d.project_id = v_project;
    delete from auth.service s where s.project_id = v_project;
    delete from platform.project p where p.id = v_project;
    gone := gone + 1;
  end loop;
  return gone;
end $$;

alter function auth.sweep_expired owner to portico_maintenance;
revoke all on function auth.sweep_expired from public;
grant execute on function auth.sweep_expired to portico_worker;
