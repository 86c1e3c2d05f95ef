-- The public half of a key, before anything that it signed is given to anybody.
create or replace function auth.publish_audit_key(p_key jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if not exists (select 1 from platform.audit_key k where k.kid = p_key->>'kid') then
    insert into platform.audit_key (kid, public_jwk, created_at) values (p_key->>'kid', p_key, p_now) on conflict do nothing;
  end if;
end $$;

alter function auth.publish_audit_key owner to portico_maintenance;
revoke all on function auth.publish_audit_key from public;
grant execute on function auth.publish_audit_key to portico_worker, portico_control;
