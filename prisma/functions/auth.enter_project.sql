-- Sets the project that row security lets the rest of this transaction see.
create or replace function auth.enter_project(p_project uuid) returns void
  language plpgsql volatile
  as $$
begin
  perform set_config('portico.project_id', p_project::text, true);
end $$;

revoke all on function auth.enter_project from public;
grant execute on function auth.enter_project to portico_control, portico_data, portico_worker;
