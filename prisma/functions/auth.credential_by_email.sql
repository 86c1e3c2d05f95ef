-- Login, first trip: what is needed to check a password. No row: unknown address.
create or replace function auth.credential_by_email(p_project uuid, p_email text)
  returns table (id uuid, email text, email_verified_at timestamptz, password_hash text, disabled_at timestamptz)
  language plpgsql volatile rows 1
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  return query select u.id, u.email, u.email_verified_at, u.password_hash, u.disabled_at
    from auth.end_user u where u.project_id = p_project and u.email = p_email and u.email <> '';
end $$;

revoke all on function auth.credential_by_email from public;
grant execute on function auth.credential_by_email to portico_data;
