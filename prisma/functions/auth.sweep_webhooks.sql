-- One bounded round: ended deliveries 30 days after they were made, replays 30 days after theirs, and messages of more than 30 days that no
-- delivery needs any more. One that waits is never swept away under its retries.
create or replace function auth.sweep_webhooks(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_old timestamptz := p_now - interval '30 days';
  v_rows bigint;
  v_gone bigint;
begin
  delete from auth.webhook_delivery where ctid = any (array(
    select d.ctid from auth.webhook_delivery d where d.created_at < v_old and d.status <> 'pending'
    order by d.created_at limit p_limit for update skip locked));
  get diagnostics v_gone = row_count;
  delete from auth.webhook_message where ctid = any (array(
    select m.ctid from auth.webhook_message m where m.created_at < v_old
      and not exists (select 1 from auth.webhook_delivery d where d.project_id = m.project_id and d.message_id = m.id)
    limit p_limit for update skip locked));
  get diagnostics v_rows = row_count;
  v_gone := v_gone + v_rows;
  delete from platform.webhook_replay r where r.created_at < v_old and r.status <> 'running';
  get diagnostics v_rows = row_count;
  return v_gone + v_rows;
end $$;

alter function auth.sweep_webhooks owner to portico_maintenance;
revoke all on function auth.sweep_webhooks from public;
grant execute on function auth.sweep_webhooks to portico_worker;
