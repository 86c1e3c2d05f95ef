-- One bounded round over messages of more than 30 days, with their deliveries.
create or replace function auth.sweep_webhooks(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint;
begin
  delete from auth.webhook_message where ctid = any (array(
    select m.ctid from auth.webhook_message m where m.created_at < p_now - interval '30 days' limit p_limit for update skip locked));
  get diagnostics gone = row_count;
  return gone;
end $$;

alter function auth.sweep_webhooks owner to portico_maintenance;
revoke all on function auth.sweep_webhooks from public;
grant execute on function auth.sweep_webhooks to portico_worker;
