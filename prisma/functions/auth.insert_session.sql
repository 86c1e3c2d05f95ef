-- Inserts the session, within the project's session limit, and notes the second factor. Assumes that the scope
-- is set and the end_user row is locked.
create or replace function auth.insert_session(p_project uuid, p_user uuid, p_session jsonb) returns text
  language plpgsql volatile
  as $$
declare
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_max integer := (p_session->>'max_active_sessions')::integer;
  v_open integer;
  v_amr text[] := array(select jsonb_array_elements_text(p_session->'amr'));
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
      insert into auth.change (project_id, end_user_id, changed_at) values (p_project, p_user, v_now);
    end if;
  end if;
  insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, expires_at, ip, user_agent, amr,
    factor_verified_at, device_print)
    values (p_project, (p_session->>'id')::uuid, p_user, v_now, v_now, v_now,
      v_now + make_interval(secs => (p_session->>'absolute_seconds')::integer), p_session->>'ip', p_session->>'user_agent',
      v_amr, case when p_session->'amr' ? 'mfa' then v_now end,
      p_session->>'device_print');
  -- Began with an assertion of an identity provider, which may end it (SAML core, 3.7).
  if p_session->'sso'->>'connection_id' is not null then
    insert into auth.sso_session (project_id, session_id, connection_id, name_digest, session_index)
      values (p_project, (p_session->>'id')::uuid, (p_session->'sso'->>'connection_id')::uuid,
        decode(p_session->'sso'->>'name_digest', 'hex'), p_session->'sso'->>'session_index');
  end if;
  return 'ok';
end $$;

revoke all on function auth.insert_session from public;
grant execute on function auth.insert_session to portico_control, portico_data;
