-- The end of every way in, and the one gate in front of sessions: a proof that is not itself multi-factor (amr without 'mfa') becomes a
-- session only where the project or the user asks for no second factor. Starts it only if the account still has the hash that was checked
-- and is not disabled, so that a password change or a ban between the two trips wins. Outcomes:
--   ok | stale | session_limit
--   sso_required                    the company of this person asks for its identity provider, and this was something else
--   mfa_required                    a pending sign-in waits for one of `factors`
--   mfa_enrolment_required          the project wants a factor and the user has none: a pending sign-in waits for the first
-- new_device: the session began on a device that none of their earlier ones was on; of who had none, nothing is said.
-- p_session: also `device_print` where the project asks about devices (with `new_device_mail`: the person is told), `mfa` (the policy),
-- `pending_digest` (hex) and `pending_seconds`; `sso` as `auth.insert_session` reads it.
create or replace function auth.start_session(p_project uuid, p_user uuid, p_checked_hash text, p_new_hash text, p_session jsonb)
  returns table (outcome text, end_user jsonb, factors jsonb, new_device boolean)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_mfa text := p_session->>'mfa';
  v_row auth.end_user_row;
  v_hash text;
  v_outcome text := 'ok';
  v_new boolean := false;
  v_factors jsonb := '[]';
  v_local text := 'free';
  v_email text;
  v_amr text[];
begin
  if p_session ? 'traceparent' then
    perform set_config('portico.traceparent', p_session->>'traceparent', true);
  end if;
  -- What came through the identity provider of a connection says so, also after the second factor. Two questions and not one inside the
  -- other: each goes to the machine that holds the project, and none asks from there.
  if not (p_session->'amr' ? 'sso') then
    v_email := (select u.email from auth.end_user u where u.project_id = p_project and u.id = p_user);
    v_local := auth.local_sign_in(p_project, v_email, p_user);
  end if;
  if v_local = 'refused' then
    return query select 'sso_required'::text, null::jsonb, null::jsonb, false;
    return;
  end if;
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
      first_sign_in_at = case when v_outcome = 'ok' then coalesce(u.first_sign_in_at, u.last_sign_in_at, v_now) else u.first_sign_in_at end,
      password_hash = coalesce(p_new_hash, u.password_hash)
    where u.project_id = p_project and u.id = p_user and u.disabled_at is null
      and (p_checked_hash is null or u.password_hash = p_checked_hash)
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
      u.last_sign_in_at, u.app_metadata into v_row;
  if v_row.id is null then
    return query select 'stale'::text, null::jsonb, null::jsonb, false;
    return;
  end if;
  if v_outcome <> 'ok' then
    v_hash := coalesce(p_new_hash, p_checked_hash);
    v_amr := array(select jsonb_array_elements_text(p_session->'amr'));
    insert into auth.pending_sign_in (project_id, digest, end_user_id, kind, amr, password_digest, sso, created_at, expires_at)
      values (p_project, decode(p_session->>'pending_digest', 'hex'), p_user,
        case v_outcome when 'mfa_required' then 'verify' else 'enrol' end,
        v_amr, sha256(convert_to(v_hash, 'UTF8')),
        nullif(p_session->'sso', 'null'), v_now, v_now + make_interval(secs => (p_session->>'pending_seconds')::integer));
    return query select v_outcome, to_jsonb(v_row), v_factors, false;
    return;
  end if;
  if p_session ? 'device_print' then
    -- After the row of the person was locked by the update above: of several at once on one device one is the first.
    select coalesce(not bool_or(s.device_print = p_session->>'device_print'), false) into v_new from auth.session s
      where s.project_id = p_project and s.end_user_id = p_user and s.device_print is not null
        and coalesce(s.end_reason, '') not in ('evicted', 'address_proven', 'refused_by_app');
  end if;
  v_outcome := auth.insert_session(p_project, p_user, p_session);
  v_new := v_new and v_outcome = 'ok';
  if v_new then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.new_device', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip',
        p_session->>'user_agent', jsonb_build_object('device', p_session->>'device_print'), v_now);
  end if;
  if v_new and (p_session->>'new_device_mail')::boolean and v_row.email <> '' then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values (p_project, gen_random_uuid(), 'new_device', jsonb_build_object('end_user_id', p_user, 'device', p_session->>'device_print'),
        v_now, v_now);
  end if;
  if v_outcome = 'ok' then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.started', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip',
        p_session->>'user_agent', jsonb_strip_nulls(jsonb_build_object('amr', p_session->'amr', 'connection', p_session->'connection')),
        v_now);
    if v_local = 'break_glass' then
      insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
        values (p_project, 'sso.bypassed', 'end_user', p_user::text, 'end_user', p_user::text, p_session->>'ip', p_session->>'user_agent',
          jsonb_build_object('amr', p_session->'amr'), v_now);
    end if;
  end if;
  return query select v_outcome, to_jsonb(v_row), '[]'::jsonb, v_new;
end $$;

revoke all on function auth.start_session from public;
grant execute on function auth.start_session to portico_control, portico_data;
