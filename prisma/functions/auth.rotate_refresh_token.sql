-- Refresh-token rotation with reuse detection (RFC 9700, 4.14.2). Outcomes:
--   rotated   this caller's child is the new token
--   replayed  the direct parent came again within the grace time: everybody gets the same child (sealed)
--   reused    anything older or later: two holders, we cannot tell which is the thief, so the family has ended; end_user says whose it was
--   ended     the session is over;  unknown  no such token
create or replace function auth.rotate_refresh_token(p_project uuid, p_digest bytea, p_child_digest bytea, p_child_sealed bytea,
    p_now timestamptz, p_grace_seconds integer, p_idle_seconds integer, p_ip text, p_user_agent text)
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
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at)::auth.end_user_row)
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

revoke all on function auth.rotate_refresh_token from public;
grant execute on function auth.rotate_refresh_token to portico_data;
