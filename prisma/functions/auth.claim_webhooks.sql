-- Takes due deliveries over all endpoints, at most p_share of each, so that the backlog of one costs the others nothing; those of endpoints
-- in p_busy are left. What is taken comes up again after p_lease_seconds: a worker that dies has told nothing or once too often. Where an
-- endpoint wants order, the first of each person only. `owner_id`: the project, or the tenant whose endpoint it is.
-- Hops from endpoint to endpoint, beginning anywhere. Rows of one project are locked and taken by one statement: over several machines it
-- goes to the one that holds the project.
create or replace function auth.claim_webhooks(p_now timestamptz, p_limit integer, p_share integer, p_lease_seconds integer, p_busy uuid[])
  returns table (project_id uuid, tenant_id uuid, id uuid, endpoint_id uuid, attempt integer, message_id text, url text,
    secret_sealed bytea, body text, owner_id uuid, traceparent text)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_lease_seconds);
  v_first uuid := gen_random_uuid();
  v_at uuid := v_first;
  v_wrapped boolean := false;
  v_next record;
  v_endpoint record;
  v_projects uuid[];
  v_project uuid;
  v_tenant uuid;
  v_taken jsonb;
  v_left integer := p_limit;
  v_share integer;
begin
  -- Half a second is a quarter of what a statement may take.
  while v_left > 0 and clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    select d.endpoint_id, d.project_id into v_next from auth.webhook_delivery d
      where d.status = 'pending' and d.endpoint_id > v_at order by d.endpoint_id limit 1;
    if v_wrapped and (v_next.endpoint_id is null or v_next.endpoint_id > v_first) then exit; end if;
    if v_next.endpoint_id is null then
      v_wrapped := true;
      v_at := '00000000-0000-0000-0000-000000000000';
      continue;
    end if;
    v_at := v_next.endpoint_id;
    continue when v_at = any (p_busy);
    select e.project_id as owner_id, e.ordering, e.url, e.secret_sealed, true as of_project into v_endpoint from auth.webhook_endpoint e
      where e.project_id = v_next.project_id and e.id = v_at and e.disabled_at is null;
    if v_endpoint.owner_id is null then
      select t.tenant_id as owner_id, t.ordering, t.url, t.secret_sealed, false as of_project into v_endpoint
        from platform.webhook_endpoint t where t.id = v_at and t.disabled_at is null;
    end if;
    continue when v_endpoint.owner_id is null;
    v_projects := array[v_next.project_id];
    if not v_endpoint.of_project then
      select array_agg(distinct c.project_id) into v_projects from (
        select d.project_id from auth.webhook_delivery d
        where d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
        order by d.next_attempt_at, d.number limit p_share) c;
    end if;
    v_share := least(p_share, v_left);
    foreach v_project in array coalesce(v_projects, '{}') loop
      exit when v_share <= 0;
      with taken as (
        update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = v_again
        where d.project_id = v_project and d.id = any (array(
          select n.id from auth.webhook_delivery n
          where n.project_id = v_project and n.endpoint_id = v_at and n.status = 'pending' and n.next_attempt_at <= p_now
            and (v_endpoint.ordering = 'none' or n.subject is null or not exists (select 1 from auth.webhook_delivery o
              where o.project_id = v_project and o.endpoint_id = v_at and o.subject = n.subject and o.status = 'pending'
                and o.number < n.number))
          order by n.next_attempt_at, n.number limit v_share for update skip locked))
        returning d.id, d.attempts, d.message_id, d.traceparent
      )
      select jsonb_agg(jsonb_build_object('id', t.id, 'attempts', t.attempts, 'message_id', t.message_id, 'body', m.body,
          'traceparent', t.traceparent)) into v_taken
        from taken t join auth.webhook_message m on m.project_id = v_project and m.id = t.message_id;
      continue when v_taken is null;
      select p.tenant_id into v_tenant from platform.project p where p.id = v_project;
      return query select v_project, v_tenant, t.id, v_at, t.attempts, t.message_id, v_endpoint.url, v_endpoint.secret_sealed, t.body,
          v_endpoint.owner_id, t.traceparent
        from jsonb_to_recordset(v_taken) t (id uuid, attempts integer, message_id text, body text, traceparent text);
      v_share := v_share - jsonb_array_length(v_taken);
      v_left := v_left - jsonb_array_length(v_taken);
    end loop;
  end loop;
end $$;

alter function auth.claim_webhooks owner to portico_maintenance;
revoke all on function auth.claim_webhooks from public;
grant execute on function auth.claim_webhooks to portico_worker;
