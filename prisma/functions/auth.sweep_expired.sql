-- One bounded round of housekeeping; returns how many rows went. Call again until it returns less than p_limit.
create or replace function auth.sweep_expired(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.one_time_token where ctid = any (array(
    select t.ctid from auth.one_time_token t where t.expires_at < p_now - interval '7 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- An ended session is kept for a week, so that it can be told from one that never was.
  delete from auth.session where ctid = any (array(
    select s.ctid from auth.session s where s.ended_at < p_now - interval '7 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Idle for over a year (the largest setting) or past its absolute end.
  delete from auth.session where ctid = any (array(
    select s.ctid from auth.session s where s.expires_at < p_now - interval '7 days' or s.last_used_at < p_now - interval '366 days'
    limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- By the clock that wrote it. Longer than a token lives.
  delete from auth.change where ctid = any (array(
    select c.ctid from auth.change c where c.noted_at < clock_timestamp() - interval '26 hours' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.outbox where ctid = any (array(
    select o.ctid from auth.outbox o where o.done_at < p_now - interval '30 days' and o.status <> 'dead'
      limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.signing_key where ctid = any (array(
    select k.ctid from auth.signing_key k where k.state = 'retired' and k.verify_until < p_now - interval '30 days'
      limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.instance where ctid = any (array(
    select i.ctid from auth.instance i where coalesce(i.ended_at, i.last_seen_at) < p_now - interval '30 days'
      limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from platform.idempotency_record where ctid = any (array(
    select r.ctid from platform.idempotency_record r where r.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from limits.rate_limit where ctid = any (array(
    select l.ctid from limits.rate_limit l where l.expire < extract(epoch from p_now) * 1000 limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Archived for 30 days: purged with everything in it.
  delete from platform.project where ctid = any (array(
    select p.ctid from platform.project p where p.archived_at < p_now - interval '30 days'
      limit greatest(p_limit / 100, 1) for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

alter function auth.sweep_expired owner to portico_maintenance;
revoke all on function auth.sweep_expired from public;
grant execute on function auth.sweep_expired to portico_worker;
