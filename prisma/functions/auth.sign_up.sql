-- Sign-up: account, first session (unless p_session is null), confirmation mail and audit row in one transaction.
-- Outcomes: created | taken | sso_required. On a taken address p_taken_mail (private mode) is put in the outbox instead.
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
  if p_user ? 'traceparent' then
    perform set_config('portico.traceparent', p_user->>'traceparent', true);
  end if;
  if auth.local_sign_in(p_project, p_user->>'email', null) = 'refused' then
    return query select 'sso_required'::text, null::jsonb;
    return;
  end if;
  insert into auth.end_user as u (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at, last_sign_in_at,
      first_sign_in_at, sign_up_challenge)
    values (p_project, (p_user->>'id')::uuid, p_user->>'email', p_user->>'email_typed', p_user->>'password_hash', p_user->'metadata', v_now,
      v_now, case when p_session is null then null else v_now end, case when p_session is null then null else v_now end,
      p_user->>'code_challenge')
    on conflict (project_id, email) where email <> '' do nothing
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
      u.last_sign_in_at, u.app_metadata into v_row;
  if v_row.id is null then
    if p_taken_mail is not null then
      insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
        values (p_project, p_taken_mail, 'sign_up_attempt',
          jsonb_strip_nulls(jsonb_build_object('address', p_user->>'email', 'asked_in', p_user->>'asked_in')), v_now, v_now,
          p_user->>'traceparent');
    end if;
    return query select 'taken'::text, null::jsonb;
    return;
  end if;
  if p_session is not null then
    v_outcome := auth.insert_session(p_project, v_row.id, p_session);
  end if;
  if p_confirm_mail is not null then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
      values (p_project, p_confirm_mail, 'email_confirm',
        jsonb_strip_nulls(jsonb_build_object('end_user_id', v_row.id, 'asked_in', p_user->>'asked_in')), v_now, v_now,
        p_user->>'traceparent');
  end if;
  insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
    values (p_project, 'user.signed_up', 'end_user', v_row.id::text, 'end_user', v_row.id::text, p_user->>'ip', p_user->>'user_agent',
      v_now);
  return query select 'created'::text, to_jsonb(v_row);
end $$;

revoke all on function auth.sign_up from public;
grant execute on function auth.sign_up to portico_data;
