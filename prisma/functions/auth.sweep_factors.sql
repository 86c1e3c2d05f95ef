-- One bounded round of housekeeping of the factors' short-lived rows; returns how many rows went.
create or replace function auth.sweep_factors(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
begin
  gone := gone + auth.sweep_rows('webauthn_challenge', 't.expires_at < $1', p_now, p_limit);
  gone := gone + auth.sweep_rows('pending_sign_in', 't.expires_at < $1', p_now, p_limit);
  return gone;
end $$;

alter function auth.sweep_factors owner to portico_maintenance;
revoke all on function auth.sweep_factors from public;
grant execute on function auth.sweep_factors to portico_worker;
