-- One bounded round: ended deliveries 30 days after they were made, replays 30 days after theirs, and messages of more than 30 days that no
-- delivery needs any more. One that waits is never swept away under its retries.
create or replace function auth.sweep_webhooks(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_rows bigint;
  v_gone bigint := 0;
begin
  v_gone := v_gone + auth.sweep_rows('webhook_delivery',
    't.created_at < $1 - interval ''30 days'' and t.status <> ''pending''', p_now, p_limit);
  v_gone := v_gone + auth.sweep_rows('webhook_message', 't.created_at < $1 - interval ''30 days'' and not exists (select 1
    from auth.webhook_delivery d where d.project_id = t.project_id and d.message_id = t.id)', p_now, p_limit);
  delete from platform.webhook_replay r where r.created_at < p_now - interval '30 days' and r.status <> 'running';
  get diagnostics v_rows = row_count;
  return v_gone + v_rows;
end $$;

alter function auth.sweep_webhooks owner to portico_maintenance;
revoke all on function auth.sweep_webhooks from public;
grant execute on function auth.sweep_webhooks to portico_worker;
