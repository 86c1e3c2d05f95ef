-- One bounded round of housekeeping of the factors' short-lived rows; returns how many rows went.
create or replace function auth.sweep_factors(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.webauthn_challenge where ctid = any (array(
    select c.ctid from auth.webauthn_challenge c where c.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.pending_sign_in where ctid = any (array(
    select s.ctid from auth.pending_sign_in s where s.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

alter function auth.sweep_factors owner to portico_maintenance;
revoke all on function auth.sweep_factors from public;
grant execute on function auth.sweep_factors to portico_worker;
