-- One bounded round of housekeeping of what sign-ins leave behind; returns how many rows went.
create or replace function auth.sweep_sign_in(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.email_challenge where ctid = any (array(
    select t.ctid from auth.email_challenge t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.oauth_flow where ctid = any (array(
    select t.ctid from auth.oauth_flow t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.exchange_code where ctid = any (array(
    select t.ctid from auth.exchange_code t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.saml_assertion where ctid = any (array(
    select t.ctid from auth.saml_assertion t where t.expires_at < p_now - interval '1 hour' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.sso_attempt where ctid = any (array(
    select t.ctid from auth.sso_attempt t where t.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

alter function auth.sweep_sign_in owner to portico_maintenance;
revoke all on function auth.sweep_sign_in from public;
grant execute on function auth.sweep_sign_in to portico_worker;
