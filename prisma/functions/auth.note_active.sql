-- A person used a session, for the first time on this day of UTC: called at most once a day for each session. Assumes that the scope is
-- set.
create or replace function auth.note_active(p_project uuid, p_user uuid, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_day date := (p_now at time zone 'UTC')::date;
begin
  insert into auth.active_day (project_id, day, end_user_id) values (p_project, v_day, p_user) on conflict do nothing;
  insert into auth.active_month (project_id, month, end_user_id) values (p_project, date_trunc('month', v_day)::date, p_user)
    on conflict do nothing;
end $$;

revoke all on function auth.note_active from public;
grant execute on function auth.note_active to portico_data;
