-- Takes due deliveries over all endpoints, at most p_share of each, so that the backlog of one costs the others nothing; those of endpoints
-- in p_busy are left. What is taken comes up again after p_lease_seconds: a worker that dies has told nothing or once too often. Where an
-- endpoint wants order, the first of each person only. `owner_id`: the project, or the tenant whose endpoint it is.
create or replace function auth.claim_webhooks(p_now timestamptz, p_limit integer, p_share integer, p_lease_seconds integer, p_busy uuid[])
  returns table (project_id uuid, tenant_id uuid, id uuid, endpoint_id uuid, attempt integer, message_id text, url text,
    secret_sealed bytea, body text, owner_id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  with recursive waiting as (
    (select d.endpoint_id from auth.webhook_delivery d where d.status = 'pending' order by d.endpoint_id limit 1)
    union all
    select n.endpoint_id from waiting w cross join lateral (
      select d.endpoint_id from auth.webhook_delivery d where d.status = 'pending' and d.endpoint_id > w.endpoint_id
      order by d.endpoint_id limit 1) n
  ), endpoint as (
    select e.id, e.project_id as owner_id, e.ordering, e.url, e.secret_sealed
    from waiting w join auth.webhook_endpoint e on e.id = w.endpoint_id where e.disabled_at is null
    union all
    select t.id, t.tenant_id, t.ordering, t.url, t.secret_sealed
    from waiting w join platform.webhook_endpoint t on t.id = w.endpoint_id where t.disabled_at is null
  ), due as (
    select c.project_id, c.id from endpoint e cross join lateral (
      select d.project_id, d.id from auth.webhook_delivery d
      where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at <= p_now
        and (e.ordering = 'none' or d.subject is null or not exists (select 1 from auth.webhook_delivery o
          where o.project_id = d.project_id and o.endpoint_id = d.endpoint_id and o.subject = d.subject and o.status = 'pending'
            and o.number < d.number))
      order by d.next_attempt_at, d.number limit p_share for update skip locked) c
    where e.id <> all (p_busy)
    limit p_limit
  ), taken as (
    update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = p_now + make_interval(secs => p_lease_seconds)
    from due where d.project_id = due.project_id and d.id = due.id
    returning d.project_id, d.id, d.endpoint_id, d.attempts, d.message_id
  )
  select t.project_id, p.tenant_id, t.id, t.endpoint_id, t.attempts, t.message_id, e.url, e.secret_sealed, m.body, e.owner_id
  from taken t join endpoint e on e.id = t.endpoint_id
  join platform.project p on p.id = t.project_id
  join auth.webhook_message m on m.project_id = t.project_id and m.id = t.message_id;
end $$;

alter function auth.claim_webhooks owner to portico_maintenance;
revoke all on function auth.claim_webhooks from public;
grant execute on function auth.claim_webhooks to portico_worker;
