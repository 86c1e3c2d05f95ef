-- For changes of platform.project, which is written through Prisma: in the same transaction, as the control plane.
create or replace function auth.note_project_change(p_project uuid, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  insert into auth.change (project_id, changed_at) values (p_project, p_now);
end $$;

revoke all on function auth.note_project_change from public;
grant execute on function auth.note_project_change to portico_control;
