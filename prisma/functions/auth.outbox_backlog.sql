-- Figures for the worker's metrics.
create or replace function auth.outbox_backlog(p_now timestamptz) returns table (waiting bigint, dead bigint,
  oldest_seconds double precision)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select count(*) filter (where o.status in ('pending', 'enqueued')), count(*) filter (where o.status = 'dead'),
    coalesce(extract(epoch from p_now - min(o.created_at) filter (where o.status in ('pending', 'enqueued'))), 0)::double precision
  from auth.outbox o where o.status in ('pending', 'enqueued', 'dead');
end $$;

alter function auth.outbox_backlog owner to portico_maintenance;
revoke all on function auth.outbox_backlog from public;
grant execute on function auth.outbox_backlog to portico_worker;
