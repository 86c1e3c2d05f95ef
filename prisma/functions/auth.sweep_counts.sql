-- One bounded round over counters past their time: hours after 400 days, who was active on which day after 40, in which month after 400.
create or replace function auth.sweep_counts(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.hourly_count where ctid = any (array(
    select c.ctid from auth.hourly_count c where c.hour < p_now - interval '400 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from metering.tenant_hourly_count where ctid = any (array(
    select c.ctid from metering.tenant_hourly_count c where c.hour < p_now - interval '400 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.active_day where ctid = any (array(
    select d.ctid from platform.project p cross join lateral (
      select a.ctid from auth.active_day a where a.project_id = p.id and a.day < (p_now - interval '40 days')::date limit p_limit) d
    limit p_limit));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.active_month where ctid = any (array(
    select d.ctid from platform.project p cross join lateral (
      select a.ctid from auth.active_month a where a.project_id = p.id and a.month < (p_now - interval '400 days')::date limit p_limit) d
    limit p_limit));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.people_day where ctid = any (array(
    select d.ctid from auth.people_day d where d.day < (p_now - interval '400 days')::date limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

alter function auth.sweep_counts owner to portico_maintenance;
revoke all on function auth.sweep_counts from public;
grant execute on function auth.sweep_counts to portico_worker;
