-- Adds events to the counters, of their project and of its tenant: a part of auth.hand_on_events, and of nothing else, for it adds whatever
-- it is given. `kind` is the action, and `detail` what an operator would ask by; three kinds that start with `cohort.` stand at the hour in
-- which the person was made, whenever the event came: they are the funnel of those who joined in that hour.
create or replace function auth.count_events(p_events auth.handed_event[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_counts jsonb;
  v_days date[];
  v_active uuid[];
  v_active_of uuid[];
  v_projects uuid[];
begin
  with event as materialized (
    select e.*,
      -- A sign-up by a provider or a mailed link begins its session as any other way in does: of the same instant, one of them counts.
      bool_or(e.action = 'session.started') over (partition by e.project_id, e.end_user_id, e.created_at) as begun
    from unnest(p_events) e
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
  ), active as (
    -- A regular expression that counts costs twenty times as much as one that looks for what must not be.
    select distinct e.project_id, (e.created_at at time zone 'UTC')::date as day, e.actor_id::uuid as end_user_id
    from event e where length(e.actor_id) = 36 and e.actor_id !~ '[^0-9a-f-]' and (
      e.action = 'session.started' or (e.action = 'user.signed_up' and e.first_sign_in_at = e.created_at))
  )
  select (select jsonb_agg(to_jsonb(s)) from summed s), a.projects, a.days, a.people, (select array_agg(distinct e.project_id) from event e)
    into v_counts, v_active_of, v_days, v_active, v_projects
    from (select array_agg(a.project_id) as projects, array_agg(a.day) as days, array_agg(a.end_user_id) as people from active a) a;
  -- In one order, so that two who count at once do not wait for each other in a circle.
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select c.project_id, c.hour, c.kind, c.detail, c.count
    from jsonb_to_recordset(v_counts) c (project_id uuid, hour timestamptz, kind text, detail text, count bigint) order by 1, 2, 3, 4
    on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
  insert into metering.tenant_hourly_count as h (tenant_id, hour, kind, detail, count)
    select p.tenant_id, c.hour, c.kind, c.detail, sum(c.count)
    from jsonb_to_recordset(v_counts) c (project_id uuid, hour timestamptz, kind text, detail text, count bigint)
    join platform.project p on p.id = c.project_id group by 1, 2, 3, 4
    on conflict (tenant_id, hour, kind, detail) do update set count = h.count + excluded.count;
  if v_active is not null then
    insert into auth.active_day (project_id, day, end_user_id)
      select a.project_id, a.day, a.end_user_id from unnest(v_active_of, v_days, v_active) a (project_id, day, end_user_id)
      on conflict do nothing;
    insert into auth.active_month (project_id, month, end_user_id)
      select distinct a.project_id, date_trunc('month', a.day)::date, a.end_user_id
      from unnest(v_active_of, v_days, v_active) a (project_id, day, end_user_id) on conflict do nothing;
  end if;
  update auth.project_total t set stale = true where t.project_id = any (v_projects) and not t.stale;
end $$;

alter function auth.count_events owner to portico_maintenance;
revoke all on function auth.count_events from public;
