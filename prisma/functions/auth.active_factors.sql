-- What a user could be asked for at a sign-in: [{id, type, friendly_name}].
create or replace function auth.active_factors(p_project uuid, p_user uuid) returns jsonb
  language plpgsql stable
  as $$
begin
  return (
  select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'type', f.type, 'friendly_name', f.friendly_name) order by f.created_at, f.id),
    '[]'::jsonb)
  from (
    select t.id, t.type, t.friendly_name, t.created_at from auth.factor t
      where t.project_id = p_project and t.end_user_id = p_user and t.activated_at is not null
    union all
    select c.id, 'webauthn', c.friendly_name, c.created_at from auth.webauthn_credential c
      where c.project_id = p_project and c.end_user_id = p_user
  ) f);
end $$;

revoke all on function auth.active_factors from public;
grant execute on function auth.active_factors to portico_control, portico_data;
