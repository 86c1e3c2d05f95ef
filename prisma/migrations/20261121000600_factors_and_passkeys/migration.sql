-- Second factors, recovery codes and passkeys. Same locks as everywhere: project_id first in every key, row security forced.

-- A project that forbids passwords recovers an account by a mailed sign-in instead of a mailed reset.
alter table auth.one_time_token drop constraint one_time_token_purpose_check;
alter table auth.one_time_token add constraint one_time_token_purpose_check
  check (purpose in ('password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'invitation', 'account_recovery'));

create table auth.factor (
  project_id          uuid not null,
  id                  uuid not null,
  end_user_id         uuid not null,
  type                text not null check (type in ('totp')),
  friendly_name       text,
  sealed              bytea not null,
  -- RFC 6238, 5.2: a code is accepted once, so only steps after this one count.
  last_accepted_step  bigint,
  created_at          timestamptz not null,
  -- Null until the first right code: a seed that was never scanned must lock nobody out.
  activated_at        timestamptz,
  last_used_at        timestamptz,
  primary key (project_id, id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index factor_by_end_user on auth.factor (project_id, end_user_id);

create table auth.recovery_code (
  project_id   uuid not null,
  end_user_id  uuid not null,
  digest       bytea not null,
  created_at   timestamptz not null,
  used_at      timestamptz,
  primary key (project_id, end_user_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);

create table auth.webauthn_credential (
  project_id       uuid not null,
  id               uuid not null,
  end_user_id      uuid not null,
  credential_id    bytea not null,
  -- COSE.
  public_key       bytea not null,
  sign_count       bigint not null,
  transports       text[] not null default '{}',
  aaguid           uuid,
  backup_eligible  boolean not null,
  backed_up        boolean not null,
  -- The relying party it was made for: another one cannot use it.
  rp_id            text not null,
  friendly_name    text not null,
  -- Made before anybody had proved the account's address: perhaps by somebody who signed up with another person's. It opens nothing alone.
  second_factor_only boolean not null default false,
  user_agent       text,
  created_at       timestamptz not null,
  last_used_at     timestamptz,
  primary key (project_id, id),
  unique (project_id, credential_id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index webauthn_credential_by_end_user on auth.webauthn_credential (project_id, end_user_id, created_at);

-- Single use: taking one deletes it.
create table auth.webauthn_challenge (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  digest       bytea not null,
  purpose      text not null check (purpose in ('register', 'sign_in', 'second_factor')),
  -- The session or the pending sign-in it was made for; empty: nobody has said who they are yet.
  bound_to     text not null,
  rp_id        text not null,
  expires_at   timestamptz not null,
  primary key (project_id, digest)
);
create index webauthn_challenge_expiry on auth.webauthn_challenge (expires_at);

-- A sign-in that has passed its first factor. Known by the digest of its mfa_token; finishing it deletes it.
create table auth.pending_sign_in (
  project_id       uuid not null,
  digest           bytea not null,
  end_user_id      uuid not null,
  -- 'verify' waits for a factor, 'enrol' for the first factor to be added.
  kind             text not null check (kind in ('verify', 'enrol')),
  amr              text[] not null,
  -- SHA-256 of the password hash that was checked: a password changed meanwhile ends the sign-in.
  password_digest  bytea,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index pending_sign_in_by_end_user on auth.pending_sign_in (project_id, end_user_id);
create index pending_sign_in_expiry on auth.pending_sign_in (expires_at);

-- When the session last saw a second factor.
alter table auth.session add column factor_verified_at timestamptz;

do $$
declare
  table_name text;
begin
  foreach table_name in array array['factor', 'recovery_code', 'webauthn_credential', 'webauthn_challenge', 'pending_sign_in'] loop
    execute format('alter table auth.%I enable row level security', table_name);
    execute format('alter table auth.%I force row level security', table_name);
    execute format('create policy project_isolation on auth.%I to portico_control, portico_data, portico_worker
      using (project_id = auth.current_project_id()) with check (project_id = auth.current_project_id())', table_name);
    execute format('create policy maintenance on auth.%I to portico_maintenance using (true) with check (true)', table_name);
    execute format('grant select, insert, update, delete on auth.%I to portico_data, portico_maintenance', table_name);
  end loop;
end $$;

-- Administration resets factors; sealing seeds again after a master-key rotation needs the update.
grant select, update, delete on auth.factor to portico_control;
grant select, delete on auth.recovery_code, auth.webauthn_credential, auth.pending_sign_in to portico_control;
-- A verified domain can be the relying party.
grant select on auth.domain to portico_data;

-- What a user could be asked for at a sign-in: [{id, type, friendly_name}].
create function auth.active_factors(p_project uuid, p_user uuid) returns jsonb
  language sql stable
  as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'type', f.type, 'friendly_name', f.friendly_name) order by f.created_at, f.id), '[]'::jsonb)
  from (
    select t.id, t.type, t.friendly_name, t.created_at from auth.factor t
      where t.project_id = p_project and t.end_user_id = p_user and t.activated_at is not null
    union all
    select c.id, 'webauthn', c.friendly_name, c.created_at from auth.webauthn_credential c
      where c.project_id = p_project and c.end_user_id = p_user
  ) f
$$;

-- As before, and notes the second factor.
create or replace function auth.insert_session(p_project uuid, p_user uuid, p_session jsonb) returns text
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
  insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, expires_at, ip, user_agent, amr, factor_verified_at)
    values (p_project, (p_session->>'id')::uuid, p_user, v_now, v_now, v_now,
      v_now + make_interval(secs => (p_session->>'absolute_seconds')::integer), p_session->>'ip', p_session->>'user_agent',
      array(select jsonb_array_elements_text(p_session->'amr')), case when p_session->'amr' ? 'mfa' then v_now end);
  insert into auth.refresh_token (project_id, digest, session_id, created_at)
    values (p_project, decode(p_session->>'refresh_digest', 'hex'), (p_session->>'id')::uuid, v_now);
  return 'ok';
end $$;

-- The end of every way in, and the one gate in front of sessions: a proof that is not itself multi-factor (amr without 'mfa') becomes a session only
-- where the project or the user asks for no second factor. Still one trip. Outcomes:
--   ok | stale | session_limit      as before
--   mfa_required                    a pending sign-in waits for one of `factors`
--   mfa_enrolment_required          the project wants a factor and the user has none: a pending sign-in waits for the first
-- p_session: also `mfa` (the policy), `pending_digest` (hex) and `pending_seconds`.
drop function auth.start_session(uuid, uuid, text, text, jsonb);
create function auth.start_session(p_project uuid, p_user uuid, p_checked_hash text, p_new_hash text, p_session jsonb)
  returns table (outcome text, end_user jsonb, factors jsonb)
  language plpgsql volatile
  as $$
declare
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_mfa text := p_session->>'mfa';
  v_row auth.end_user_row;
  v_hash text;
  v_outcome text := 'ok';
  v_factors jsonb := '[]';
begin
  perform auth.enter_project(p_project);
  -- Anything but an explicit 'off' asks: a caller that forgets the policy gets no session for free.
  if v_mfa is distinct from 'off' and not (p_session->'amr' ? 'mfa') then
    v_factors := auth.active_factors(p_project, p_user);
    if v_factors <> '[]' then
      v_outcome := 'mfa_required';
    elsif v_mfa = 'required' then
      v_outcome := 'mfa_enrolment_required';
    end if;
  end if;
  update auth.end_user u set last_sign_in_at = case when v_outcome = 'ok' then v_now else u.last_sign_in_at end,
      password_hash = coalesce(p_new_hash, u.password_hash)
    where u.project_id = p_project and u.id = p_user and u.disabled_at is null
      and (p_checked_hash is null or u.password_hash = p_checked_hash)
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at, u.last_sign_in_at into v_row;
  if v_row.id is null then
    return query select 'stale'::text, null::jsonb, null::jsonb;
    return;
  end if;
  if v_outcome <> 'ok' then
    v_hash := coalesce(p_new_hash, p_checked_hash);
    insert into auth.pending_sign_in (project_id, digest, end_user_id, kind, amr, password_digest, created_at, expires_at)
      values (p_project, decode(p_session->>'pending_digest', 'hex'), p_user, case v_outcome when 'mfa_required' then 'verify' else 'enrol' end,
        array(select jsonb_array_elements_text(p_session->'amr')), sha256(convert_to(v_hash, 'UTF8')),
        v_now, v_now + make_interval(secs => (p_session->>'pending_seconds')::integer));
    return query select v_outcome, to_jsonb(v_row), v_factors;
    return;
  end if;
  v_outcome := auth.insert_session(p_project, p_user, p_session);
  if v_outcome = 'ok' then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.started', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip', p_session->>'user_agent',
        jsonb_build_object('amr', p_session->'amr'), v_now);
  end if;
  return query select v_outcome, to_jsonb(v_row), '[]'::jsonb;
end $$;

revoke all on function auth.active_factors(uuid, uuid), auth.start_session(uuid, uuid, text, text, jsonb) from public;
grant execute on function auth.active_factors(uuid, uuid), auth.start_session(uuid, uuid, text, text, jsonb) to portico_data;

-- What is shown of a user only where one user is read, in one trip.
create function auth.user_details(p_project uuid, p_user uuid) returns table (identities jsonb, factors jsonb)
  language plpgsql volatile
  as $$
begin
  perform auth.enter_project(p_project);
  return query select
    coalesce((select jsonb_agg(jsonb_build_object('provider', i.provider, 'subject', i.subject, 'email', i.email, 'email_verified', i.email_verified,
        'profile', i.profile, 'created_at', i.created_at, 'last_sign_in_at', i.last_sign_in_at) order by i.created_at, i.provider, i.subject)
      from auth.identity i where i.project_id = p_project and i.end_user_id = p_user), '[]'::jsonb),
    coalesce((select jsonb_agg(to_jsonb(f) order by f.created_at, f.id) from (
        select t.id, t.type, t.friendly_name, t.activated_at is not null as active, t.created_at, t.last_used_at
        from auth.factor t where t.project_id = p_project and t.end_user_id = p_user
        union all
        select c.id, 'webauthn', c.friendly_name, true, c.created_at, c.last_used_at
        from auth.webauthn_credential c where c.project_id = p_project and c.end_user_id = p_user) f), '[]'::jsonb);
end $$;
revoke all on function auth.user_details(uuid, uuid) from public;
grant execute on function auth.user_details(uuid, uuid) to portico_data, portico_control;

-- One bounded round of housekeeping of these tables; returns how many rows went.
create function auth.sweep_factors(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.webauthn_challenge where ctid = any (array(
    select c.ctid from auth.webauthn_challenge c where c.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.pending_sign_in where ctid = any (array(
    select s.ctid from auth.pending_sign_in s where s.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

do $$
begin
  grant create on schema auth to portico_maintenance;
  alter function auth.sweep_factors(timestamptz, integer) owner to portico_maintenance;
  revoke create on schema auth from portico_maintenance;
end $$;
revoke all on function auth.sweep_factors(timestamptz, integer) from public;
grant execute on function auth.sweep_factors(timestamptz, integer) to portico_worker;
