-- Refresh-token rotation with reuse detection (RFC 9700, 4.14.2). A row of generation g has seen the tokens 0 to g-1 and not yet g.
-- Outcomes:
--   rotated   the newest token was presented: its child is the newest now
--   replayed  its parent came again, while the child was never presented: the same child, to the same kind of client at any age, to another
--             one within the grace time
--   reused    anything else: two holders, we cannot tell which is the thief, so the session has ended
--   ended     the session is over or gone, or its user is
create or replace function auth.rotate_session(p_project uuid, p_session uuid, p_generation integer, p_now timestamptz,
    p_grace_seconds integer, p_idle_seconds integer, p_ip text, p_user_agent text,
    p_traceparent text default null)
  returns table (outcome text, child integer, auth_time timestamptz, amr text[], expires_at timestamptz, end_user json,
    organization json)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
  v_used timestamptz;
  v_rotated timestamptz;
  v_agent text;
  v_in_grace boolean;
  v_today timestamptz := date_trunc('day', p_now, 'UTC');
  v_day_used timestamptz;
  v_organization uuid;
begin
  -- The loser of a race waits here for the winner's commit and then finds a higher generation. A lower one than presented is no mistake of
  -- the caller's: the database was restored to a moment before tokens that it has given out.
  update auth.session s set generation = p_generation + 1, rotated_at = p_now, last_used_at = greatest(s.last_used_at, p_now),
      day_used_at = case when s.last_used_at < v_today then p_now else s.day_used_at end,
      ip = coalesce(p_ip, s.ip), user_agent = p_user_agent
    where s.project_id = p_project and s.id = p_session and s.generation <= p_generation and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds)
      -- A subquery for its value: `exists` is made a join, which read all users of the project on a table without statistics.
      and (select true from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    returning s.generation, s.auth_time, s.amr, s.expires_at, s.end_user_id, s.day_used_at, s.organization_id
    into child, auth_time, amr, expires_at, v_user, v_day_used, v_organization;
  if found then
    -- Not in what the update returns: over several machines that holds values of the row alone.
    select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row) into end_user
      from auth.end_user u where u.project_id = p_project and u.id = v_user;
    -- Null, nearly always.
    if v_organization is not null then
      organization := auth.organization_claims(p_project, v_user, v_organization);
    end if;
    if v_day_used = p_now then
      perform auth.note_active(p_project, v_user, p_now);
    end if;
    outcome := 'rotated';
    return next;
    return;
  end if;
  select s.generation, s.rotated_at, s.user_agent, s.last_used_at, s.end_user_id, s.organization_id, s.auth_time, s.amr, s.expires_at,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into child, v_rotated, v_agent, v_used, v_user, v_organization, auth_time, amr, expires_at, end_user
    from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    outcome := 'ended';
    return next;
    return;
  end if;
  v_in_grace := p_now < v_rotated + make_interval(secs => p_grace_seconds);
  if p_generation = child - 1 and (v_in_grace or v_agent is not distinct from p_user_agent) then
    if v_used < p_now - interval '60 seconds' then
      if v_used < v_today then
        perform auth.note_active(p_project, v_user, p_now);
      end if;
      update auth.session s set last_used_at = p_now
        where s.project_id = p_project and s.id = p_session and s.last_used_at < p_now - interval '60 seconds';
    end if;
    if not v_in_grace then
      -- Once a minute at the most: a client in a loop must not fill the log.
      update auth.session s set late_at = p_now
        where s.project_id = p_project and s.id = p_session and (s.late_at is null or s.late_at < p_now - interval '60 seconds');
      if found then
        insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at,
            traceparent)
          values (p_project, 'session.refreshed_late', 'end_user', v_user::text, 'session', p_session::text, p_ip, p_user_agent,
            jsonb_build_object('seconds', floor(extract(epoch from p_now - v_rotated))), p_now, p_traceparent);
      end if;
    end if;
    if v_organization is not null then
      organization := auth.organization_claims(p_project, v_user, v_organization);
    end if;
    outcome := 'replayed';
    return next;
    return;
  end if;
  update auth.session s set ended_at = p_now, end_reason = 'refresh_token_reused'
    where s.project_id = p_project and s.id = p_session and s.ended_at is null;
  if found then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
      values (p_project, gen_random_uuid(), 'security_notice', jsonb_build_object('end_user_id', v_user, 'event', 'session_reuse_detected'),
        p_now, p_now, p_traceparent);
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at, traceparent)
      values (p_project, 'session.reuse_detected', 'end_user', v_user::text, 'session', p_session::text, p_ip, p_user_agent, p_now,
        p_traceparent);
    insert into auth.change (project_id, end_user_id, changed_at) values (p_project, v_user, p_now);
  end if;
  outcome := 'reused';
  return next;
end $$;

revoke all on function auth.rotate_session from public;
grant execute on function auth.rotate_session to portico_data;
