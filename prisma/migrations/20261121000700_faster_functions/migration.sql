-- The hot operations at less cost, and word of ended sessions for the processes that remember live ones.
--
-- What it costs to enter the scope: `perform auth.enter_project(…)` runs a SQL function inside a query (0.75 of the bare statement for a
-- credential lookup); assigning `set_config` to a variable is a simple expression that plpgsql evaluates in place (0.83). The scope is still
-- set before the first statement, transaction-local, and row security still decides.
-- `json` instead of `jsonb` where a row is only printed: building the binary form first is for nothing.

-- Part 1: whose sessions ended. The payload is `project:user`; equal ones of a transaction are merged. Never on a sign-up, a login, a refresh or a
-- note of use: NOTIFY takes a lock that serialises commits.
create function auth.notify_sessions_ended() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_session', old.project_id || ':' || old.end_user_id);
  return null;
end $$;
create trigger notify_sessions_ended after update of ended_at on auth.session for each row
  when (old.ended_at is null and new.ended_at is not null) execute function auth.notify_sessions_ended();
create trigger notify_session_deleted after delete on auth.session for each row
  when (old.ended_at is null) execute function auth.notify_sessions_ended();

create function auth.notify_user_disabled() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  perform pg_notify('portico_session', old.project_id || ':' || old.id);
  return null;
end $$;
create trigger notify_user_disabled after update of disabled_at on auth.end_user for each row
  when (old.disabled_at is null and new.disabled_at is not null) execute function auth.notify_user_disabled();

revoke all on function auth.notify_sessions_ended(), auth.notify_user_disabled() from public;
grant execute on function auth.notify_sessions_ended(), auth.notify_user_disabled() to portico_control, portico_data, portico_worker, portico_maintenance;

-- Part 2: reads.
-- session_end_user_fk finds a user's sessions as well. This one was chosen for lookups by session id wherever the table had not been analysed since
-- it grew, because it is partial, and then read every open session of the project (0.4 ms and more instead of 0.02).
drop index auth.session_by_end_user;

create or replace function auth.credential_by_email(p_project uuid, p_email text)
  returns table (id uuid, email text, email_verified_at timestamptz, password_hash text, disabled_at timestamptz)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  return query select u.id, u.email, u.email_verified_at, u.password_hash, u.disabled_at
    from auth.end_user u where u.project_id = p_project and u.email = p_email;
end $$;

-- As before, with what a process needs to remember the session by. The user is a subquery and not a join: as one, a plan made while the tables
-- were small or not yet analysed read all users of the project (4 ms instead of 0.1).
drop function auth.live_session(uuid, uuid, timestamptz, integer);
create function auth.live_session(p_project uuid, p_session uuid, p_now timestamptz, p_idle_seconds integer)
  returns table (session_id uuid, session_created_at timestamptz, last_used_at timestamptz, expires_at timestamptz, auth_time timestamptz, amr text[],
    end_user json)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  select s.id, s.created_at, s.last_used_at, s.expires_at, s.auth_time, s.amr,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into session_id, session_created_at, last_used_at, expires_at, auth_time, amr, end_user
    from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    return;
  end if;
  if last_used_at < p_now - interval '60 seconds' then
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session and s.last_used_at < p_now - interval '60 seconds';
  end if;
  return next;
end $$;

-- Whether a user ever had an identity, a factor or a passkey. Most never do, and looking into three tables to find that out cost more than the rest
-- of GET /user. It only ever turns on.
alter table auth.end_user add column has_details boolean not null default false;
create function auth.note_user_details() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  update auth.end_user u set has_details = true where u.project_id = new.project_id and u.id = new.end_user_id and not u.has_details;
  return null;
end $$;
create trigger note_user_details after insert on auth.identity for each row execute function auth.note_user_details();
create trigger note_user_details after insert on auth.factor for each row execute function auth.note_user_details();
create trigger note_user_details after insert on auth.webauthn_credential for each row execute function auth.note_user_details();
revoke all on function auth.note_user_details() from public;
grant execute on function auth.note_user_details() to portico_control, portico_data, portico_maintenance;
do $$
begin
  -- Whoever owns the tables is bound by row security as well (forced), and there is no project to be in here.
  alter table auth.end_user no force row level security;
  alter table auth.identity no force row level security;
  alter table auth.factor no force row level security;
  alter table auth.webauthn_credential no force row level security;
  update auth.end_user u set has_details = true
    where exists (select 1 from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id)
      or exists (select 1 from auth.factor f where f.project_id = u.project_id and f.end_user_id = u.id)
      or exists (select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id);
  alter table auth.end_user force row level security;
  alter table auth.identity force row level security;
  alter table auth.factor force row level security;
  alter table auth.webauthn_credential force row level security;
end $$;

-- The signed-in user with everything that belongs to them, if the session is live: GET /user in one trip.
create function auth.current_account(p_project uuid, p_session uuid, p_now timestamptz, p_idle_seconds integer)
  returns table (end_user json, identities jsonb, factors jsonb)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
  v_used timestamptz;
  v_details boolean;
begin
  select s.last_used_at, u.id, u.has_details,
      row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at)::auth.end_user_row)
    into v_used, v_user, v_details, end_user
    from auth.session s, lateral (
      select * from auth.end_user e where e.project_id = p_project and e.id = s.end_user_id and e.disabled_at is null offset 0) u
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if v_user is null then
    return;
  end if;
  if v_used < p_now - interval '60 seconds' then
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session and s.last_used_at < p_now - interval '60 seconds';
  end if;
  if v_details then
    select d.identities, d.factors into identities, factors from auth.user_details(p_project, v_user) d;
  end if;
  return next;
end $$;

-- Part 3: writes.
-- A reset request, a confirmation asked for again, a mailed sign-in: one row, one trip.
create function auth.owe_mail(p_project uuid, p_id uuid, p_kind text, p_payload jsonb, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at) values (p_project, p_id, p_kind, p_payload, p_now, p_now);
end $$;

-- As before; a reuse also says whose session it ended.
drop function auth.rotate_refresh_token(uuid, bytea, bytea, bytea, timestamptz, integer, integer, text, text);
create function auth.rotate_refresh_token(p_project uuid, p_digest bytea, p_child_digest bytea, p_child_sealed bytea, p_now timestamptz,
    p_grace_seconds integer, p_idle_seconds integer, p_ip text, p_user_agent text)
  returns table (outcome text, child_sealed bytea, session_id uuid, auth_time timestamptz, amr text[], end_user json)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_first boolean;
  v_consumed_at timestamptz;
  v_child_digest bytea;
  v_child_sealed bytea;
  v_used timestamptz;
  v_user uuid;
begin
  -- The loser of a race waits here for the winner's commit and then finds consumed_at set.
  update auth.refresh_token t set consumed_at = p_now, child_digest = p_child_digest, child_sealed = p_child_sealed
    where t.project_id = p_project and t.digest = p_digest and t.consumed_at is null
    returning t.session_id into session_id;
  v_first := found;
  if not v_first then
    select t.session_id, t.consumed_at, t.child_digest, t.child_sealed into session_id, v_consumed_at, v_child_digest, v_child_sealed
      from auth.refresh_token t where t.project_id = p_project and t.digest = p_digest;
    if not found then
      outcome := 'unknown';
      return next;
      return;
    end if;
  end if;
  select s.auth_time, s.amr, s.last_used_at, s.end_user_id,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into auth_time, amr, v_used, v_user, end_user
    from auth.session s
    where s.project_id = p_project and s.id = session_id and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    outcome := 'ended';
    return next;
    return;
  end if;
  if v_first then
    insert into auth.refresh_token (project_id, digest, session_id, created_at) values (p_project, p_child_digest, session_id, p_now);
    if v_used < p_now - interval '60 seconds' then
      update auth.session s set last_used_at = p_now, ip = coalesce(p_ip, s.ip), user_agent = coalesce(p_user_agent, s.user_agent)
        where s.project_id = p_project and s.id = session_id;
    end if;
    outcome := 'rotated';
    return next;
    return;
  end if;
  if v_child_sealed is not null and v_consumed_at > p_now - make_interval(secs => p_grace_seconds) and exists (
      select 1 from auth.refresh_token c where c.project_id = p_project and c.digest = v_child_digest and c.consumed_at is null) then
    outcome := 'replayed';
    child_sealed := v_child_sealed;
    return next;
    return;
  end if;
  update auth.session s set ended_at = p_now, end_reason = 'refresh_token_reused'
    where s.project_id = p_project and s.id = session_id and s.ended_at is null;
  if found then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
      values (p_project, 'session.reuse_detected', 'end_user', v_user::text, 'session', session_id::text, p_ip, p_user_agent, p_now);
  end if;
  outcome := 'reused';
  return next;
end $$;

revoke all on function auth.live_session(uuid, uuid, timestamptz, integer), auth.current_account(uuid, uuid, timestamptz, integer),
  auth.owe_mail(uuid, uuid, text, jsonb, timestamptz),
  auth.rotate_refresh_token(uuid, bytea, bytea, bytea, timestamptz, integer, integer, text, text) from public;
grant execute on function auth.live_session(uuid, uuid, timestamptz, integer), auth.current_account(uuid, uuid, timestamptz, integer),
  auth.owe_mail(uuid, uuid, text, jsonb, timestamptz),
  auth.rotate_refresh_token(uuid, bytea, bytea, bytea, timestamptz, integer, integer, text, text) to portico_data;

-- Both are updated in place for as long as they live (last use, last sign-in); room on the page keeps that out of the indexes.
alter table auth.session set (fillfactor = 85);
alter table auth.end_user set (fillfactor = 85);
