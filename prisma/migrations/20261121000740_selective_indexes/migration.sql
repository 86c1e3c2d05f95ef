-- Row security adds `project_id =` to every statement, so each index that starts with it is a candidate for each lookup. Until a table is analysed
-- (a minute or more after its first rows, longer where autovacuum is slow) the planner holds the primary key and an index on (project_id, other
-- column) for equally good, and the second one, used by its first column, reads every row of the project: the foreign key check of a refresh token
-- read 600 sessions for each login and each refresh (0.9 of 2.3 ms), and more with every login. Ids of users and sessions are random: an index on
-- them alone finds the same rows, is of no use for anything else, and is smaller. Isolation never hung on these: it is row security and the keys.
drop index auth.session_end_user_fk;
create index session_by_end_user on auth.session (end_user_id);
drop index auth.refresh_token_by_session;
create index refresh_token_by_session on auth.refresh_token (session_id);
drop index auth.one_time_token_by_end_user;
create index one_time_token_by_end_user on auth.one_time_token (end_user_id, purpose);
drop index auth.identity_by_end_user;
create index identity_by_end_user on auth.identity (end_user_id);
drop index auth.oauth_flow_by_link;
create index oauth_flow_by_link on auth.oauth_flow (link_end_user_id) where link_end_user_id is not null;
drop index auth.exchange_code_by_end_user;
create index exchange_code_by_end_user on auth.exchange_code (end_user_id);
drop index auth.factor_by_end_user;
create index factor_by_end_user on auth.factor (end_user_id);
drop index auth.webauthn_credential_by_end_user;
create index webauthn_credential_by_end_user on auth.webauthn_credential (end_user_id, created_at);
drop index auth.pending_sign_in_by_end_user;
create index pending_sign_in_by_end_user on auth.pending_sign_in (end_user_id);

-- The scope by assignment in the other functions of the hot paths as well (see 000700). As before otherwise.
create or replace function auth.sign_up(p_project uuid, p_user jsonb, p_session jsonb, p_confirm_mail uuid, p_taken_mail uuid)
  returns table (outcome text, end_user jsonb)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_now timestamptz := (p_user->>'now')::timestamptz;
  v_row auth.end_user_row;
  v_outcome text;
begin
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

create or replace function auth.start_session(p_project uuid, p_user uuid, p_checked_hash text, p_new_hash text, p_session jsonb)
  returns table (outcome text, end_user jsonb, factors jsonb)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_mfa text := p_session->>'mfa';
  v_row auth.end_user_row;
  v_hash text;
  v_outcome text := 'ok';
  v_factors jsonb := '[]';
begin
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

create or replace function auth.boot_instance(p_project uuid, p_id uuid, p_name text, p_metadata jsonb, p_now timestamptz)
  returns table (env_version integer, enabled boolean, keys jsonb, variables jsonb, rotation_from text, rotation_to text, rotation_standby text)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_service auth.service;
  v_kids text[];
begin
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

create or replace function auth.finish_mails(p_project uuid, p_ends jsonb, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  update auth.outbox o set status = e.status, provider_id = coalesce(e.provider_id, o.provider_id), last_error = e.reason,
      attempts = o.attempts - case when e.untried then 1 else 0 end, done_at = case when e.status <> 'pending' then p_now end,
      next_attempt_at = coalesce(e.next_attempt_at, o.next_attempt_at), leased_until = null
    from jsonb_to_recordset(p_ends) e (id uuid, status text, provider_id text, reason text, next_attempt_at timestamptz, untried boolean)
    where o.project_id = p_project and o.id = e.id and o.status in ('pending', 'enqueued');
end $$;
