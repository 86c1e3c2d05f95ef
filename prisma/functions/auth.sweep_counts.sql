-- One bounded round over counters past their time: hours after 400 days, who was active on which day after 40, in which month after 400.
create or replace function auth.sweep_counts(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  gone := gone + auth.sweep_rows('hourly_count', 't.hour < $1 - interval ''400 days''', p_now, p_limit);
  delete from metering.tenant_hourly_count where ctid = any (array(
    select c.ctid from metering.tenant_hourly_count c where c.hour < p_now - interval '400 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  gone := gone + auth.sweep_rows('active_day', 't.day < ($1 - interval ''40 days'')::date', p_now, p_limit, true);
  gone := gone + auth.sweep_rows('active_month', 't.month < ($1 - interval ''400 days'')::date', p_now, p_limit, true);
  gone := gone + auth.sweep_rows('people_day', 't.day < ($1 - interval ''400 days'')::date', p_now, p_limit, true);
  return gone;
end $$;

alter function auth.sweep_counts owner to portico_maintenance;
revoke all on function auth.sweep_counts from public;
grant execute on function auth.sweep_counts to portico_worker;
