-- Begins to tell an endpoint again what happened from p_since to before p_until. p_owner: its project or tenant. Answers `started`, or why
-- not: `missing`, `off`, `running` (one at a time for each endpoint), `too_many` of the tenant run, `too_much` was made for it in a day.
create or replace function auth.start_webhook_replay(p_owner uuid, p_endpoint uuid, p_id uuid, p_since timestamptz, p_until timestamptz,
    p_types text[], p_most_running integer, p_most_of_day bigint, p_now timestamptz) returns text
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_endpoint record;
begin
  select p_owner as project_id, e.disabled_at, null::uuid as tenant_id into v_endpoint from auth.webhook_endpoint e
    where e.project_id = p_owner and e.id = p_endpoint;
  if found then
    select p.tenant_id into v_endpoint.tenant_id from platform.project p where p.id = p_owner;
  else
    select null::uuid as project_id, t.disabled_at, t.tenant_id into v_endpoint from platform.webhook_endpoint t
      where t.tenant_id = p_owner and t.id = p_endpoint;
  end if;
  if v_endpoint.tenant_id is null then
    return 'missing';
  end if;
  if v_endpoint.disabled_at is not null then
    return 'off';
  end if;
  -- Two at once would both find room.
  perform pg_advisory_xact_lock(hashtextextended('webhook_replay ' || v_endpoint.tenant_id, 0));
  if exists (select 1 from platform.webhook_replay r where r.endpoint_id = p_endpoint and r.status = 'running') then
    return 'running';
  end if;
  if (select count(*) from platform.webhook_replay r
      where r.tenant_id = v_endpoint.tenant_id and r.status = 'running') >= p_most_running then
    return 'too_many';
  end if;
  if (select coalesce(sum(r.deliveries), 0) from platform.webhook_replay r
      where r.tenant_id = v_endpoint.tenant_id and r.created_at > p_now - interval '1 day') >= p_most_of_day then
    return 'too_much';
  end if;
  insert into platform.webhook_replay (id, tenant_id, of_project, endpoint_id, since, until, types, place_at, created_at, worked_at)
    values (p_id, v_endpoint.tenant_id, v_endpoint.project_id, p_endpoint, p_since, p_until, p_types, p_since, p_now, p_now);
  return 'started';
end $$;

alter function auth.start_webhook_replay owner to portico_maintenance;
revoke all on function auth.start_webhook_replay from public;
grant execute on function auth.start_webhook_replay to portico_control;
