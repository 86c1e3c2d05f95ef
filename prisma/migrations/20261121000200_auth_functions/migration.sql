-- Part 1: functions that look across projects. SECURITY DEFINER, owned by portico_maintenance, each doing one narrow thing.

-- The service row exists as long as the project does, so a project without auth has an env_version too.
create function auth.create_service() returns trigger
  language plpgsql security definer set search_path = pg_catalog
  as $$
begin
  insert into auth.service (project_id, created_at, updated_at) values (new.id, new.created_at, new.created_at);
  return new;
end $$;

-- What a process needs to serve one project: scope, settings and sealed keys, in one row.
create function auth.resolve_project(p_project uuid)
  returns table (project_id uuid, tenant_id uuid, name text, resource_type text, external_project_id text, archived boolean,
    enabled boolean, first_enabled_at timestamptz, settings jsonb, env_version integer, created_at timestamptz, updated_at timestamptz, keys jsonb)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select p.id, p.tenant_id, p.name, p.resource_type, p.external_project_id, p.archived_at is not null,
    s.enabled, s.first_enabled_at, s.settings, s.env_version, s.created_at, s.updated_at,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'public_jwk', k.public_jwk, 'created_at', k.created_at, 'verify_until', k.verify_until) order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p.id), '[]'::jsonb)
  from platform.project p join auth.service s on s.project_id = p.id
  where p.id = p_project
$$;

create function auth.resolve_host(p_hostname text) returns uuid
  language sql stable security definer set search_path = pg_catalog
  as $$ select d.project_id from auth.domain d where d.hostname = p_hostname and d.verified_at is not null $$;

-- Claims due mail rows over all projects, the same share for each (promise P12): the first step hops from project to project through the
-- index, so a backlog of one costs the others nothing. Rows whose job got lost (Redis came back empty, a worker died) come up again after
-- p_stuck_seconds.
create function auth.claim_outbox(p_now timestamptz, p_limit integer, p_stuck_seconds integer)
  returns table (project_id uuid, id uuid)
  language sql volatile security definer set search_path = pg_catalog
  as $$
  with recursive waiting as (
    (select o.project_id from auth.outbox o where o.status in ('pending', 'enqueued') order by o.project_id limit 1)
    union all
    select (select o.project_id from auth.outbox o where o.status in ('pending', 'enqueued') and o.project_id > w.project_id order by o.project_id limit 1)
    from waiting w where w.project_id is not null
  ), share as (
    select greatest(p_limit / greatest(count(*), 1), 1) as rows from waiting
  ), due as (
    select c.project_id, c.id from waiting w cross join lateral (
      select o.project_id, o.id from auth.outbox o
      where o.project_id = w.project_id and o.status in ('pending', 'enqueued') and o.next_attempt_at <= p_now
      order by o.next_attempt_at limit (select rows from share) for update skip locked
    ) c
    limit p_limit
  )
  update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = p_now + make_interval(secs => p_stuck_seconds)
  from due where o.project_id = due.project_id and o.id = due.id
  returning o.project_id, o.id
$$;

-- Figures for the worker's metrics.
create function auth.outbox_backlog(p_now timestamptz) returns table (waiting bigint, dead bigint, oldest_seconds double precision)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select count(*) filter (where o.status in ('pending', 'enqueued')), count(*) filter (where o.status = 'dead'),
    coalesce(extract(epoch from p_now - min(o.created_at) filter (where o.status in ('pending', 'enqueued'))), 0)
  from auth.outbox o where o.status in ('pending', 'enqueued', 'dead')
$$;

-- Projects whose staged rotation may be able to switch; the caller decides within each project's scope.
create function auth.open_rotations() returns table (project_id uuid)
  language sql stable security definer set search_path = pg_catalog
  as $$ select r.project_id from auth.key_rotation r order by r.started_at limit 1000 $$;

-- One bounded round of housekeeping; returns how many rows went. Call again until it returns less than p_limit.
create function auth.sweep_expired(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.one_time_token where ctid = any (array(
    select t.ctid from auth.one_time_token t where t.expires_at < p_now - interval '7 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- An ended session keeps its refresh digests for a week, so that a late replay is still recognised.
  delete from auth.session where ctid = any (array(
    select s.ctid from auth.session s where s.ended_at < p_now - interval '7 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Idle for over a year (the largest setting) or past its absolute end.
  delete from auth.session where ctid = any (array(
    select s.ctid from auth.session s where s.expires_at < p_now - interval '7 days' or s.last_used_at < p_now - interval '366 days'
    limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Sealed children are only kept for the grace time (at most 300 s).
  update auth.refresh_token set child_sealed = null where ctid = any (array(
    select t.ctid from auth.refresh_token t where t.child_sealed is not null and t.consumed_at < p_now - interval '10 minutes'
    limit p_limit for update skip locked));
  delete from auth.outbox where ctid = any (array(
    select o.ctid from auth.outbox o where o.done_at < p_now - interval '30 days' and o.status <> 'dead' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.signing_key where ctid = any (array(
    select k.ctid from auth.signing_key k where k.state = 'retired' and k.verify_until < p_now - interval '30 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.instance where ctid = any (array(
    select i.ctid from auth.instance i where coalesce(i.ended_at, i.last_seen_at) < p_now - interval '30 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from platform.idempotency_record where ctid = any (array(
    select r.ctid from platform.idempotency_record r where r.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from limits.rate_limit where ctid = any (array(
    select l.ctid from limits.rate_limit l where l.expire < extract(epoch from p_now) * 1000 limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Archived for 30 days: purged with everything in it.
  delete from platform.project where ctid = any (array(
    select p.ctid from platform.project p where p.archived_at < p_now - interval '30 days' limit greatest(p_limit / 100, 1) for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;
create index refresh_token_sealed on auth.refresh_token (consumed_at) where child_sealed is not null;
create index session_ended on auth.session (ended_at) where ended_at is not null;

-- Newest first, over the tenant's own events and those of all its projects. The cursor is (created_at, id) of the last row seen.
create function auth.tenant_audit_page(p_tenant uuid, p_actor text, p_action text, p_since timestamptz, p_until timestamptz,
    p_before_at timestamptz, p_before_id uuid, p_limit integer)
  returns table (id uuid, action text, actor_type text, actor_id text, project_id uuid, resource text, resource_id text, ip text, user_agent text,
    metadata jsonb, created_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select * from (
    select e.id, e.action, e.actor_type, e.actor_id, null::uuid as project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
    from platform.audit_event e where e.tenant_id = p_tenant
    union all
    select e.id, e.action, e.actor_type, e.actor_id, e.project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
    from platform.project p join auth.audit_event e on e.project_id = p.id where p.tenant_id = p_tenant
  ) every
  where (p_actor is null or every.actor_id = p_actor) and (p_action is null or every.action = p_action)
    and (p_since is null or every.created_at >= p_since) and (p_until is null or every.created_at < p_until)
    and (p_before_at is null or (every.created_at, every.id) < (p_before_at, p_before_id))
  order by every.created_at desc, every.id desc limit p_limit
$$;

create function auth.dev_inbox(p_limit integer)
  returns table (project_id uuid, outbox_id uuid, to_address text, subject text, text text, html text, link text, code text, created_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  as $$
  select m.project_id, m.outbox_id, m.to_address, m.subject, m.text, m.html, m.link, m.code, m.created_at
  from auth.dev_mail m order by m.created_at desc, m.outbox_id limit p_limit
$$;

do $$
declare
  signature text;
begin
  grant create on schema auth to portico_maintenance;
  foreach signature in array array['create_service()', 'resolve_project(uuid)', 'resolve_host(text)', 'claim_outbox(timestamptz, integer, integer)',
      'outbox_backlog(timestamptz)', 'open_rotations()', 'sweep_expired(timestamptz, integer)',
      'tenant_audit_page(uuid, text, text, timestamptz, timestamptz, timestamptz, uuid, integer)', 'dev_inbox(integer)'] loop
    execute format('alter function auth.%s owner to portico_maintenance', signature);
    execute format('revoke all on function auth.%s from public', signature);
  end loop;
  revoke create on schema auth from portico_maintenance;
end $$;
grant execute on function auth.resolve_project(uuid), auth.resolve_host(text) to portico_control, portico_data, portico_worker;
grant execute on function auth.claim_outbox(timestamptz, integer, integer), auth.outbox_backlog(timestamptz), auth.open_rotations(),
  auth.sweep_expired(timestamptz, integer) to portico_worker;
grant execute on function auth.tenant_audit_page(uuid, text, text, timestamptz, timestamptz, timestamptz, uuid, integer), auth.dev_inbox(integer)
  to portico_control;

create trigger create_service after insert on platform.project for each row execute function auth.create_service();

-- Part 2: cache invalidation. The payload is the project id; NOTIFY is sent at commit, so a listener never reads the old row.
create function auth.notify_project() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_project', coalesce(new.project_id, old.project_id)::text);
  return null;
end $$;
create trigger notify_project after insert or update or delete on auth.service for each row execute function auth.notify_project();
create trigger notify_project after insert or update or delete on auth.signing_key for each row execute function auth.notify_project();
create trigger notify_project after insert or update or delete on auth.domain for each row execute function auth.notify_project();

create function platform.notify_project() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_project', new.id::text);
  return null;
end $$;
create trigger notify_project after update on platform.project for each row execute function platform.notify_project();

create function platform.notify_api_key() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_api_key', encode(old.digest, 'hex'));
  return null;
end $$;
-- Not on last_used_at, which changes all the time and decides nothing.
create trigger notify_api_key after update of revoked_at, expires_at, scopes or delete on platform.api_key
  for each row execute function platform.notify_api_key();

-- Part 3: the hot operations. SECURITY INVOKER: each sets the scope itself and runs under row-level security, in one round trip.
-- The first argument is always the project; times come from the caller.

create function auth.enter_project(p_project uuid) returns void
  language sql volatile
  as $$ select set_config('portico.project_id', p_project::text, true) $$;

create type auth.end_user_row as (id uuid, email text, email_typed text, email_verified_at timestamptz, metadata jsonb, disabled_at timestamptz,
  created_at timestamptz, updated_at timestamptz, last_sign_in_at timestamptz);

-- Login, first trip: what is needed to check a password. No row: unknown address.
create function auth.credential_by_email(p_project uuid, p_email text)
  returns table (id uuid, email text, email_verified_at timestamptz, password_hash text, disabled_at timestamptz)
  language plpgsql volatile
  as $$
begin
  perform auth.enter_project(p_project);
  return query select u.id, u.email, u.email_verified_at, u.password_hash, u.disabled_at
    from auth.end_user u where u.project_id = p_project and u.email = p_email;
end $$;

-- Inserts the session and its first refresh token, within the project's session limit. Assumes the scope is set and the end_user row is locked.
create function auth.insert_session(p_project uuid, p_user uuid, p_session jsonb) returns text
  language plpgsql volatile
  as $$
declare
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_max integer := (p_session->>'max_active_sessions')::integer;
  v_open integer;
begin
  if v_max is not null then
    select count(*) into v_open from auth.session s
      where s.project_id = p_project and s.end_user_id = p_user and s.ended_at is null
        and (s.expires_at is null or s.expires_at > v_now)
        and s.last_used_at > v_now - make_interval(secs => (p_session->>'idle_seconds')::integer);
    if v_open >= v_max then
      if p_session->>'limit_policy' = 'refuse' then
        return 'session_limit';
      end if;
      update auth.session s set ended_at = v_now, end_reason = 'session_limit'
        where s.project_id = p_project and s.id in (
          select o.id from auth.session o
          where o.project_id = p_project and o.end_user_id = p_user and o.ended_at is null
          order by o.created_at, o.id limit v_open - v_max + 1);
    end if;
  end if;
  insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, expires_at, ip, user_agent, amr)
    values (p_project, (p_session->>'id')::uuid, p_user, v_now, v_now, v_now,
      v_now + make_interval(secs => (p_session->>'absolute_seconds')::integer), p_session->>'ip', p_session->>'user_agent',
      array(select jsonb_array_elements_text(p_session->'amr')));
  insert into auth.refresh_token (project_id, digest, session_id, created_at)
    values (p_project, decode(p_session->>'refresh_digest', 'hex'), (p_session->>'id')::uuid, v_now);
  return 'ok';
end $$;

-- Sign-up: account, first session (unless p_session is null), confirmation mail and audit row in one transaction.
-- Outcomes: created | taken. On a taken address p_taken_mail (private mode) is put in the outbox instead.
create function auth.sign_up(p_project uuid, p_user jsonb, p_session jsonb, p_confirm_mail uuid, p_taken_mail uuid)
  returns table (outcome text, end_user jsonb)
  language plpgsql volatile
  as $$
declare
  v_now timestamptz := (p_user->>'now')::timestamptz;
  v_row auth.end_user_row;
  v_outcome text;
begin
  perform auth.enter_project(p_project);
  insert into auth.end_user as u (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at, last_sign_in_at)
    values (p_project, (p_user->>'id')::uuid, p_user->>'email', p_user->>'email_typed', p_user->>'password_hash', p_user->'metadata', v_now, v_now,
      case when p_session is null then null else v_now end)
    on conflict (project_id, email) do nothing
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at into v_row;
  if v_row.id is null then
    if p_taken_mail is not null then
      insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
        values (p_project, p_taken_mail, 'sign_up_attempt', jsonb_build_object('address', p_user->>'email'), v_now, v_now);
    end if;
    return query select 'taken'::text, null::jsonb;
    return;
  end if;
  if p_session is not null then
    v_outcome := auth.insert_session(p_project, v_row.id, p_session);
  end if;
  if p_confirm_mail is not null then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values (p_project, p_confirm_mail, 'email_confirm', jsonb_build_object('end_user_id', v_row.id), v_now, v_now);
  end if;
  insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
    values (p_project, 'user.signed_up', 'end_user', v_row.id::text, 'end_user', v_row.id::text, p_user->>'ip', p_user->>'user_agent', v_now);
  return query select 'created'::text, to_jsonb(v_row);
end $$;

-- Login, second trip: starts the session only if the account still has the hash that was checked and is not disabled,
-- so a password change or a ban between the two trips wins. Outcomes: ok | stale | session_limit.
create function auth.start_session(p_project uuid, p_user uuid, p_checked_hash text, p_new_hash text, p_session jsonb)
  returns table (outcome text, end_user jsonb)
  language plpgsql volatile
  as $$
declare
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_row auth.end_user_row;
  v_outcome text;
begin
  perform auth.enter_project(p_project);
  update auth.end_user u set last_sign_in_at = v_now, password_hash = coalesce(p_new_hash, u.password_hash)
    where u.project_id = p_project and u.id = p_user and u.disabled_at is null
      and (p_checked_hash is null or u.password_hash = p_checked_hash)
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at into v_row;
  if v_row.id is null then
    return query select 'stale'::text, null::jsonb;
    return;
  end if;
  v_outcome := auth.insert_session(p_project, p_user, p_session);
  if v_outcome = 'ok' then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.started', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip', p_session->>'user_agent',
        jsonb_build_object('amr', p_session->'amr'), v_now);
  end if;
  return query select v_outcome, to_jsonb(v_row);
end $$;

-- The session check behind every account call and /verify. No row: ended, idle too long, past its end, or its user is disabled or gone.
-- last_used_at is written at most once a minute.
create function auth.live_session(p_project uuid, p_session uuid, p_now timestamptz, p_idle_seconds integer)
  returns table (session_id uuid, session_created_at timestamptz, auth_time timestamptz, amr text[], end_user jsonb)
  language plpgsql volatile
  as $$
declare
  v_session auth.session;
  v_row auth.end_user_row;
begin
  perform auth.enter_project(p_project);
  select s.* into v_session from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if not found then
    return;
  end if;
  select u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at into v_row
    from auth.end_user u where u.project_id = p_project and u.id = v_session.end_user_id and u.disabled_at is null;
  if not found then
    return;
  end if;
  if v_session.last_used_at < p_now - interval '60 seconds' then
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session and s.last_used_at < p_now - interval '60 seconds';
  end if;
  return query select v_session.id, v_session.created_at, v_session.auth_time, v_session.amr, to_jsonb(v_row);
end $$;

-- Refresh-token rotation with reuse detection (RFC 9700, 4.14.2). Outcomes:
--   rotated   this caller's child is the new token
--   replayed  the direct parent came again within the grace time: everybody gets the same child (sealed)
--   reused    anything older or later: two holders, we cannot tell which is the thief, so the family has ended
--   ended     the session is over;  unknown  no such token
create function auth.rotate_refresh_token(p_project uuid, p_digest bytea, p_child_digest bytea, p_child_sealed bytea, p_now timestamptz,
    p_grace_seconds integer, p_idle_seconds integer, p_ip text, p_user_agent text)
  returns table (outcome text, child_sealed bytea, session_id uuid, auth_time timestamptz, amr text[], end_user jsonb)
  language plpgsql volatile
  as $$
declare
  v_token auth.refresh_token;
  v_session auth.session;
  v_row auth.end_user_row;
  v_first boolean;
begin
  perform auth.enter_project(p_project);
  -- The loser of a race waits here for the winner's commit and then finds consumed_at set.
  update auth.refresh_token t set consumed_at = p_now, child_digest = p_child_digest, child_sealed = p_child_sealed
    where t.project_id = p_project and t.digest = p_digest and t.consumed_at is null
    returning t.* into v_token;
  v_first := found;
  if not v_first then
    select t.* into v_token from auth.refresh_token t where t.project_id = p_project and t.digest = p_digest;
    if not found then
      return query select 'unknown'::text, null::bytea, null::uuid, null::timestamptz, null::text[], null::jsonb;
      return;
    end if;
  end if;
  select s.* into v_session from auth.session s
    where s.project_id = p_project and s.id = v_token.session_id and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if found then
    select u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at into v_row
      from auth.end_user u where u.project_id = p_project and u.id = v_session.end_user_id and u.disabled_at is null;
  end if;
  if v_row.id is null then
    return query select 'ended'::text, null::bytea, v_token.session_id, null::timestamptz, null::text[], null::jsonb;
    return;
  end if;
  if v_first then
    insert into auth.refresh_token (project_id, digest, session_id, created_at) values (p_project, p_child_digest, v_session.id, p_now);
    if v_session.last_used_at < p_now - interval '60 seconds' then
      update auth.session s set last_used_at = p_now, ip = coalesce(p_ip, s.ip), user_agent = coalesce(p_user_agent, s.user_agent)
        where s.project_id = p_project and s.id = v_session.id;
    end if;
    return query select 'rotated'::text, null::bytea, v_session.id, v_session.auth_time, v_session.amr, to_jsonb(v_row);
    return;
  end if;
  if v_token.child_sealed is not null and v_token.consumed_at > p_now - make_interval(secs => p_grace_seconds) and exists (
      select 1 from auth.refresh_token c where c.project_id = p_project and c.digest = v_token.child_digest and c.consumed_at is null) then
    return query select 'replayed'::text, v_token.child_sealed, v_session.id, v_session.auth_time, v_session.amr, to_jsonb(v_row);
    return;
  end if;
  update auth.session s set ended_at = p_now, end_reason = 'refresh_token_reused'
    where s.project_id = p_project and s.id = v_session.id and s.ended_at is null;
  if found then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
      values (p_project, 'session.reuse_detected', 'end_user', v_row.id::text, 'session', v_session.id::text, p_ip, p_user_agent, p_now);
  end if;
  return query select 'reused'::text, null::bytea, v_session.id, null::timestamptz, null::text[], null::jsonb;
end $$;

-- Boot: registers a runtime instance and answers what its environment is made of, in one trip.
create function auth.boot_instance(p_project uuid, p_id uuid, p_name text, p_metadata jsonb, p_now timestamptz)
  returns table (env_version integer, enabled boolean, keys jsonb, variables jsonb, rotation_from text, rotation_to text, rotation_standby text)
  language plpgsql volatile
  as $$
declare
  v_service auth.service;
  v_kids text[];
begin
  perform auth.enter_project(p_project);
  -- Shared lock: a rotation or an enable that runs now waits, so the instance's kids and env_version agree with what it was given.
  select s.* into v_service from auth.service s where s.project_id = p_project for share;
  if not found then
    return;
  end if;
  select coalesce(array_agg(k.kid), '{}') into v_kids from auth.signing_key k
    where k.project_id = p_project and v_service.enabled and (k.state <> 'retired' or k.verify_until > p_now);
  insert into auth.instance (project_id, id, name, metadata, env_version, kids, booted_at, last_seen_at)
    values (p_project, p_id, p_name, p_metadata, v_service.env_version, v_kids, p_now, p_now);
  return query select v_service.env_version, v_service.enabled,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'created_at', k.created_at, 'activated_at', k.activated_at, 'retired_at', k.retired_at, 'verify_until', k.verify_until) order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p_project), '[]'::jsonb),
    coalesce((select jsonb_agg(jsonb_build_object('name', v.name, 'sealed', encode(v.sealed, 'base64'))) from auth.runtime_variable v
      where v.project_id = p_project), '[]'::jsonb),
    r.from_kid, r.to_kid, r.new_standby_kid
  from (select 1) one left join auth.key_rotation r on r.project_id = p_project;
end $$;

revoke all on all functions in schema auth, platform from public;
grant execute on function auth.current_project_id() to portico_control, portico_data, portico_worker, portico_maintenance;
grant execute on function auth.enter_project(uuid) to portico_control, portico_data, portico_worker;
grant execute on function auth.credential_by_email(uuid, text), auth.insert_session(uuid, uuid, jsonb), auth.sign_up(uuid, jsonb, jsonb, uuid, uuid),
  auth.start_session(uuid, uuid, text, text, jsonb), auth.rotate_refresh_token(uuid, bytea, bytea, bytea, timestamptz, integer, integer, text, text),
  auth.live_session(uuid, uuid, timestamptz, integer) to portico_data;
grant execute on function auth.boot_instance(uuid, uuid, text, jsonb, timestamptz) to portico_control;
grant execute on function auth.notify_project(), auth.create_service() to portico_control, portico_worker, portico_maintenance;
grant execute on function platform.notify_project(), platform.notify_api_key() to portico_control, portico_maintenance;
