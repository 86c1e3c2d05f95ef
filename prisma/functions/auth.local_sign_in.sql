-- Whether somebody may come in by anything but the identity provider of their company, which an active connection can ask of the people of
-- its verified domains:
--   free         nothing is asked of them
--   break_glass  they are among the few who may, when the identity provider is away
--   refused
create or replace function auth.local_sign_in(p_project uuid, p_email text, p_user uuid) returns text
  language plpgsql stable
  as $$
declare
  v_answer text;
begin
  -- No project without such a connection reads more than this index.
  if not exists (select from auth.sso_connection c where c.project_id = p_project and c.enforce and c.state = 'active') then
    return 'free';
  end if;
  select case when c.local_login and exists (select from auth.sso_break_glass g where g.project_id = p_project and g.end_user_id = p_user)
      then 'break_glass' else 'refused' end into v_answer
    from auth.email_domain d join auth.sso_connection c on c.project_id = p_project and c.id = d.connection_id
    where d.project_id = p_project and d.domain = split_part(p_email, '@', 2) and d.verified_at is not null
      and c.enforce and c.state = 'active';
  return coalesce(v_answer, 'free');
end $$;

revoke all on function auth.local_sign_in from public;
grant execute on function auth.local_sign_in to portico_control, portico_data;
