-- Takes due deliveries over all endpoints, at most p_share of each, so that the backlog of one costs the others nothing; those of endpoints
-- in p_busy are left. What is taken comes up again after p_lease_seconds: a worker that dies has told nothing or once too often. Where an
-- endpoint wants order, the first of each person only. `owner_id`: the project, or the tenant whose endpoint it is.
-- Which endpoints have something due is read by pieces, as in auth.claim_outbox, beginning anywhere. Rows of one project are locked by one
-- statement: over several machines it goes to the one that holds the project. What is locked is then changed by one statement for all: it
-- waits for nobody, since it holds the locks.
create or replace function auth.claim_webhooks(p_now timestamptz, p_limit integer, p_share integer, p_lease_seconds integer, p_busy uuid[])
  returns table (project_id uuid, tenant_id uuid, id uuid, endpoint_id uuid, attempt integer, message_id text, url text,
    secret_sealed bytea, body text, owner_id uuid, traceparent text)
  language plpgsql volatile security definer set search_path = pg_catalog set enable_bitmapscan = off set enable_sort = off
  as $$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_lease_seconds);
  v_first uuid := gen_random_uuid();
  v_after uuid := v_first;
  v_until uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_wrapped boolean := false;
  v_over boolean := false;
  v_hops boolean := true;
  v_piece integer := 32;
  v_due timestamptz;
  v_before integer;
  v_gathered boolean;
  v_rows integer;
  v_some uuid[];
  v_some_of uuid[];
  v_seen bigint[];
  v_at uuid;
  v_owner uuid;
  v_tenant uuid;
  v_ordering text;
  v_url text;
  v_secret bytea;
  v_projects uuid[];
  v_project uuid;
  v_left integer := p_limit;
  v_share integer;
  v_of uuid[] := '{}';
  v_locked uuid[];
  v_ids uuid[] := '{}';
  v_endpoints uuid[] := '{}';
  v_owners uuid[] := '{}';
  v_tenants uuid[] := '{}';
  v_urls text[] := '{}';
  v_secrets bytea[] := '{}';
  v_place integer;
begin
  -- Most of the time nothing waits.
  if (select d.endpoint_id from auth.webhook_delivery d where d.status = 'pending' order by d.endpoint_id limit 1) is null then
    return;
  end if;
  -- Half a second is a quarter of what a statement may take.
  while not v_over and v_left > 0 and clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    -- From one to the next as long as each has many, and by pieces where they have few.
    if v_hops then
      select d.endpoint_id, d.project_id, d.next_attempt_at into v_at, v_project, v_due from auth.webhook_delivery d
        where d.status = 'pending' and d.endpoint_id > v_after and d.endpoint_id <= v_until
        order by d.endpoint_id, d.next_attempt_at limit 1;
      v_rows := case when v_at is not null then 1 else 0 end;
      v_some := case when v_at is not null then array[v_at] end;
      v_some_of := array[case when v_due <= p_now then v_project end];
    else
      select array_agg(w.endpoint_id), array_agg(w.project_id), array_agg(w.rows), sum(w.rows)
        into v_some, v_some_of, v_seen, v_rows from (
        select p.endpoint_id, (array_agg(p.project_id) filter (where p.next_attempt_at <= p_now))[1] as project_id, count(*) as rows from (
          select d.endpoint_id, d.project_id, d.next_attempt_at from auth.webhook_delivery d
          where d.status = 'pending' and d.endpoint_id > v_after and d.endpoint_id <= v_until
          order by d.endpoint_id, d.next_attempt_at limit v_piece) p
        group by p.endpoint_id order by p.endpoint_id) w;
    end if;
    if v_rows = (case when v_hops then 1 else v_piece end) then
      v_after := v_some[cardinality(v_some)];
    elsif v_wrapped then
      v_over := true;
    else
      v_wrapped := true;
      v_after := '00000000-0000-0000-0000-000000000000';
      v_until := v_first;
    end if;
    v_before := v_left;
    for i in 1 .. coalesce(cardinality(v_some), 0) loop
      v_at := v_some[i];
      v_project := v_some_of[i];
      exit when v_left <= 0;
      -- Nothing is due, or enough is under way.
      continue when v_project is null or v_at = any (p_busy);
      select e.project_id, e.ordering, e.url, e.secret_sealed into v_owner, v_ordering, v_url, v_secret
        from auth.webhook_endpoint e where e.project_id = v_project and e.id = v_at and e.disabled_at is null;
      if found then
        v_tenant := (select p.tenant_id from platform.project p where p.id = v_project);
        v_projects := array[v_project];
      else
        select t.tenant_id, t.tenant_id, t.ordering, t.url, t.secret_sealed into v_owner, v_tenant, v_ordering, v_url, v_secret
          from platform.webhook_endpoint t where t.id = v_at and t.disabled_at is null;
        continue when not found;
        select array_agg(distinct c.project_id) into v_projects from (
          select d.project_id from auth.webhook_delivery d
          where d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
          order by d.next_attempt_at, d.number limit p_share) c;
      end if;
      v_share := least(p_share, v_left);
      v_gathered := false;
      foreach v_project in array coalesce(v_projects, '{}') loop
        exit when v_share <= 0;
        if v_ordering = 'none' and (v_hops or v_seen[i] >= 4) then
          return query
            update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = v_again
            from auth.webhook_message m
            where d.project_id = v_project and m.project_id = v_project and m.id = d.message_id and d.id = any (array(
              select n.id from auth.webhook_delivery n
              where n.project_id = v_project and n.endpoint_id = v_at and n.status = 'pending' and n.next_attempt_at <= p_now
              order by n.next_attempt_at, n.number limit v_share for update skip locked))
            returning d.project_id, v_tenant, d.id, d.endpoint_id, d.attempts, d.message_id, v_url, v_secret, m.body, v_owner,
              d.traceparent;
          get diagnostics v_rows = row_count;
          v_share := v_share - v_rows;
          v_left := v_left - v_rows;
          continue;
        elsif v_ordering = 'none' then
          select array_agg(c.id) into v_locked from (
            select d.id from auth.webhook_delivery d
            where d.project_id = v_project and d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
            order by d.next_attempt_at, d.number limit v_share for update skip locked) c;
        else
          select array_agg(c.id) into v_locked from (
            select d.id from auth.webhook_delivery d
            where d.project_id = v_project and d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
              and (d.subject is null or not exists (select 1 from auth.webhook_delivery o
                where o.project_id = v_project and o.endpoint_id = v_at and o.subject = d.subject and o.status = 'pending'
                  and o.number < d.number))
            order by d.next_attempt_at, d.number limit v_share for update skip locked) c;
        end if;
        continue when v_locked is null;
        v_share := v_share - cardinality(v_locked);
        v_left := v_left - cardinality(v_locked);
        v_of := v_of || v_project;
        v_ids := v_ids || v_locked;
        v_gathered := true;
      end loop;
      if v_gathered then
        v_endpoints := v_endpoints || v_at;
        v_owners := v_owners || v_owner;
        v_tenants := v_tenants || v_tenant;
        v_urls := v_urls || v_url;
        v_secrets := v_secrets || v_secret;
      end if;
    end loop;
    if v_hops then
      v_hops := v_before - v_left >= 4;
    elsif v_some is not null then
      v_hops := cardinality(v_some) = 1;
      v_piece := least(32 * cardinality(v_some), 1024);
    end if;
  end loop;
  if v_ids = '{}' then
    return;
  end if;
  for project_id, id, v_at, attempt, message_id, traceparent, body in
    update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = v_again
      from auth.webhook_message m
      where d.project_id = any (v_of) and d.id = any (v_ids) and m.project_id = d.project_id and m.id = d.message_id
      returning d.project_id, d.id, d.endpoint_id, d.attempts, d.message_id, d.traceparent, m.body
  loop
    if v_at is distinct from endpoint_id then
      endpoint_id := v_at;
      v_place := array_position(v_endpoints, v_at);
      owner_id := v_owners[v_place];
      tenant_id := v_tenants[v_place];
      url := v_urls[v_place];
      secret_sealed := v_secrets[v_place];
    end if;
    return next;
  end loop;
end $$;

alter function auth.claim_webhooks owner to portico_maintenance;
revoke all on function auth.claim_webhooks from public;
grant execute on function auth.claim_webhooks to portico_worker;
