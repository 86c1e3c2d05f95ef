-- What is shown of a user only where one user is read, in one trip.
create or replace function auth.user_details(p_project uuid, p_user uuid) returns table (identities jsonb, factors jsonb)
  language plpgsql volatile
  as $$
begin
  perform auth.enter_project(p_project);
  return query select
    coalesce((select jsonb_agg(jsonb_build_object('provider', i.provider, 'subject', i.subject, 'email', i.email,
        'email_verified', i.email_verified, 'profile', i.profile, 'created_at', i.created_at, 'last_sign_in_at', i.last_sign_in_at)
        order by i.created_at, i.provider, i.subject)
      from auth.identity i where i.project_id = p_project and i.end_user_id = p_user), '[]'::jsonb),
    coalesce((select jsonb_agg(to_jsonb(f) order by f.created_at, f.id) from (
        select t.id, t.type, t.friendly_name, t.activated_at is not null as active, t.created_at, t.last_used_at
        from auth.factor t where t.project_id = p_project and t.end_user_id = p_user
        union all
        select c.id, 'webauthn', c.friendly_name, true, c.created_at, c.last_used_at
        from auth.webauthn_credential c where c.project_id = p_project and c.end_user_id = p_user) f), '[]'::jsonb);
end $$;

revoke all on function auth.user_details from public;
grant execute on function auth.user_details to portico_control, portico_data;
