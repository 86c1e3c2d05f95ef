-- Adds the events of a range to the counters, of their project and of its tenant: a part of auth.hand_on_events, and of nothing else, for
-- it adds whatever it is given. `kind` is the action, and `detail` what an operator would ask by; three kinds that start with `cohort.`
-- stand at the hour in which the person was made, whenever the event came: they are the funnel of those who joined in that hour.
create or replace function auth.count_events(p_after_tx xid8, p_after_number bigint, p_to_tx xid8, p_to_number bigint, p_floor bigint)
  returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  with event as materialized (
    select e.*, u.created_at as made_at, u.email_verified_at, u.first_sign_in_at,
      -- A sign-up by a provider or a mailed link begins its session as any other way in does: of the same instant, one of them counts.
      bool_or(e.action = 'session.started') over (partition by e.project_id, u.id, e.created_at) as begun
    from auth.events_between(p_after_tx, p_after_number, p_to_tx, p_to_number, p_floor) e
    -- Deleted meanwhile: counted as an event, and not in the funnel.
    left join auth.end_user u on u.project_id = e.project_id and u.id = case
        when e.action = 'session.started' then substring(e.actor_id from '^[0-9a-f-]{36}$')::uuid
        when e.action in ('user.signed_up', 'user.created', 'user.invited', 'user.email_confirmed')
          then substring(e.resource_id from '^[0-9a-f-]{36}$')::uuid end
  ), counted as (
    select e.project_id, date_trunc('hour', e.created_at, 'UTC') as hour, e.action as kind, case
        when e.action = 'session.started' then case e.metadata->'amr'->>0 when 'pwd' then 'password' when 'fed' then 'oauth'
          when 'hwk' then 'passkey' when 'swk' then 'passkey' when 'otp' then 'email_otp' when 'email' then 'magic_link' else 'other' end
        when e.action = 'user.signed_up' then coalesce(e.metadata->>'method', 'password')
        when e.action in ('sign_in.refused', 'factor.code_refused') then coalesce(e.metadata->>'reason', '')
        else '' end as detail,
      -- A flood leaves a row for its first attempts and for every power of ten, each with the number so far.
      case when e.action = 'sign_in.refused' and (e.metadata->>'attempts')::numeric >= 10
        then (e.metadata->>'attempts')::bigint - greatest((e.metadata->>'attempts')::bigint / 10, 5) else 1 end as weight
    from event e
    union all
    select e.project_id, date_trunc('hour', e.created_at, 'UTC'), 'provider.refused', e.resource_id, 1
    from event e where e.action = 'sign_in.refused' and e.resource = 'provider' and e.metadata->>'problem' <> 'refused'
    union all
    select e.project_id, date_trunc('hour', e.made_at, 'UTC'), step.kind, '', 1
    from event e cross join lateral (values
      ('cohort.joined', e.action <> 'session.started' and e.action <> 'user.email_confirmed' and e.created_at = e.made_at),
      ('cohort.confirmed', case e.action when 'user.email_confirmed' then e.email_verified_at is distinct from e.made_at
        when 'session.started' then false else e.created_at = e.made_at and e.email_verified_at = e.made_at end),
      ('cohort.signed_in', e.first_sign_in_at = e.created_at
        and (e.action = 'session.started' or (e.action = 'user.signed_up' and not e.begun)))
    ) step (kind, counts) where e.made_at is not null and step.counts
  ), summed as (
    select c.project_id, c.hour, c.kind, c.detail, sum(c.weight) as count from counted c group by 1, 2, 3, 4
  ), of_project as (
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count) select s.* from summed s
    on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count
  ), of_tenant as (
    insert into metering.tenant_hourly_count as h (tenant_id, hour, kind, detail, count)
    select p.tenant_id, s.hour, s.kind, s.detail, sum(s.count)
    from summed s join platform.project p on p.id = s.project_id group by 1, 2, 3, 4
    on conflict (tenant_id, hour, kind, detail) do update set count = h.count + excluded.count
  ), active as (
    select distinct e.project_id, (e.created_at at time zone 'UTC')::date as day,
      substring(e.actor_id from '^[0-9a-f-]{36}$')::uuid as end_user_id
    from event e where substring(e.actor_id from '^[0-9a-f-]{36}$') is not null and (
      e.action = 'session.started' or (e.action = 'user.signed_up' and e.first_sign_in_at = e.created_at))
  ), of_day as (
    insert into auth.active_day (project_id, day, end_user_id) select a.* from active a on conflict do nothing
  ), of_month as (
    insert into auth.active_month (project_id, month, end_user_id)
    select distinct a.project_id, date_trunc('month', a.day)::date, a.end_user_id from active a on conflict do nothing
  )
  insert into auth.project_total as t (project_id) select distinct e.project_id from event e
  on conflict (project_id) do update set stale = true where not t.stale;
end $$;

alter function auth.count_events owner to portico_maintenance;
revoke all on function auth.count_events from public;
