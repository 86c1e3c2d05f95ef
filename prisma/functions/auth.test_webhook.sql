-- A message that says nothing but that it arrives; answers the delivery's id. null: no such endpoint, or it is off.
create or replace function auth.test_webhook(p_project uuid, p_endpoint uuid, p_now timestamptz) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_number bigint := nextval('auth.event_number');
  v_message text;
  v_id uuid;
begin
  if not exists (select 1 from auth.webhook_endpoint w where w.project_id = p_project and w.id = p_endpoint and w.disabled_at is null) then
    if not exists (select 1 from platform.webhook_endpoint t join platform.project p on p.tenant_id = t.tenant_id
        where p.id = p_project and t.id = p_endpoint and t.disabled_at is null) then
      return null;
    end if;
  end if;
  v_message := auth.write_webhook_message(p_project, v_number, 'webhook.test', 'system', null, 'webhook', 'whk_' || p_endpoint, '{}',
    p_now, false);
  insert into auth.webhook_delivery (project_id, endpoint_id, message_id, number, next_attempt_at, created_at)
    values (p_project, p_endpoint, v_message, v_number, p_now, p_now) returning id into v_id;
  return v_id;
end $$;

alter function auth.test_webhook owner to portico_maintenance;
revoke all on function auth.test_webhook from public;
grant execute on function auth.test_webhook to portico_control;
