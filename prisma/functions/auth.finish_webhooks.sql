-- What became of tries: [{project_id, id, ok, untried, entry, next_attempt_at}]; without a next try a refusal is the last. An endpoint
-- that has taken nothing for p_off_after_seconds is turned off, with an event and a mail; what waited for it has failed and can be
-- replayed. Answers such endpoints.
create or replace function auth.finish_webhooks(p_ends jsonb, p_now timestamptz, p_off_after_seconds integer)
  returns table (project_id uuid, endpoint_id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_end record;
  v_endpoint uuid;
  v_tenant uuid;
  v_off boolean;
  v_projects uuid[] := '{}';
  v_details text[] := '{}';
  v_projects_of uuid[];
  v_ids uuid[];
  v_place record;
begin
  -- Endpoints before their deliveries, by id, as whoever turns one off or removes it locks them: else two workers that find out at once
  -- that one has failed for too long would each wait for a delivery of the other.
  select array_agg(distinct e.project_id), array_agg(e.id) into v_projects_of, v_ids
    from jsonb_to_recordset(p_ends) e (project_id uuid, id uuid);
  for v_place in
    select distinct d.endpoint_id, d.project_id from auth.webhook_delivery d
    where d.project_id = any (v_projects_of) and d.id = any (v_ids) order by d.endpoint_id, d.project_id
  loop
    perform 1 from auth.webhook_endpoint w where w.project_id = v_place.project_id and w.id = v_place.endpoint_id for no key update;
    perform 1 from platform.webhook_endpoint w where w.id = v_place.endpoint_id for no key update;
  end loop;
  for v_end in
    select e.* from jsonb_to_recordset(p_ends)
      e (project_id uuid, id uuid, ok boolean, untried boolean, entry jsonb, next_attempt_at timestamptz)
    order by e.project_id, e.id
  loop
    update auth.webhook_delivery d set log = case when v_end.untried then d.log else d.log || v_end.entry end,
        attempts = d.attempts - case when v_end.untried then 1 else 0 end,
        status = case when v_end.ok then 'delivered' when v_end.next_attempt_at is null then 'failed' else 'pending' end,
        next_attempt_at = coalesce(v_end.next_attempt_at, d.next_attempt_at),
        done_at = case when v_end.ok or v_end.next_attempt_at is null then p_now end
      where d.project_id = v_end.project_id and d.id = v_end.id and d.status = 'pending' returning d.endpoint_id into v_endpoint;
    continue when v_endpoint is null or v_end.untried;
    if v_end.ok or v_end.next_attempt_at is null then
      v_projects := v_projects || v_end.project_id;
      v_details := v_details || case when v_end.ok then 'delivered'::text else 'failed' end;
    end if;
    if v_end.ok then
      update auth.webhook_endpoint w set failing_since = null
        where w.project_id = v_end.project_id and w.id = v_endpoint and w.failing_since is not null;
      update platform.webhook_endpoint w set failing_since = null where w.id = v_endpoint and w.failing_since is not null;
      continue;
    end if;
    update auth.webhook_endpoint w set failing_since = p_now
      where w.project_id = v_end.project_id and w.id = v_endpoint and w.failing_since is null;
    update platform.webhook_endpoint w set failing_since = p_now where w.id = v_endpoint and w.failing_since is null;
    v_tenant := null;
    update auth.webhook_endpoint w set disabled_at = p_now, disabled_reason = 'failing', updated_at = p_now
      where w.project_id = v_end.project_id and w.id = v_endpoint and w.disabled_at is null
        and w.failing_since < p_now - make_interval(secs => p_off_after_seconds);
    v_off := found;
    if not v_off then
      update platform.webhook_endpoint w set disabled_at = p_now, disabled_reason = 'failing', updated_at = p_now
        where w.id = v_endpoint and w.disabled_at is null and w.failing_since < p_now - make_interval(secs => p_off_after_seconds)
        returning w.tenant_id into v_tenant;
      v_off := found;
    end if;
    if v_off then
      perform auth.fail_waiting_webhooks(coalesce(v_tenant, v_end.project_id), v_endpoint, p_now);
      if v_tenant is null then
        insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_end.project_id, 'webhook.disabled', 'system', 'webhook', 'whk_' || v_endpoint, '{"reason": "failing"}', p_now);
      else
        insert into platform.audit_event (tenant_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_tenant, 'webhook.disabled', 'system', 'webhook', 'whk_' || v_endpoint, '{"reason": "failing"}', p_now);
      end if;
      perform auth.mail_about_webhook(v_endpoint, p_now);
      project_id := v_end.project_id;
      endpoint_id := v_endpoint;
      return next;
    end if;
  end loop;
  perform auth.add_counts('webhook', v_projects, v_details, null, p_now);
end $$;

alter function auth.finish_webhooks owner to portico_maintenance;
revoke all on function auth.finish_webhooks from public;
grant execute on function auth.finish_webhooks to portico_worker;
