-- One bounded round of housekeeping of what sign-ins leave behind; returns how many rows went.
create or replace function auth.sweep_sign_in(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
begin
  gone := gone + auth.sweep_rows('email_challenge', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('oauth_flow', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('exchange_code', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('saml_assertion', 't.expires_at < $1 - interval ''1 hour''', p_now, p_limit);
  gone := gone + auth.sweep_rows('sso_attempt', 't.expires_at < $1', p_now, p_limit);
  return gone;
end $$;

alter function auth.sweep_sign_in owner to portico_maintenance;
revoke all on function auth.sweep_sign_in from public;
grant execute on function auth.sweep_sign_in to portico_worker;
