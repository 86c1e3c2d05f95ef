-- Host names whose turn it is to be looked up, leased until p_until: several workers look at different ones.
create or replace function auth.due_domains(p_limit integer, p_now timestamptz, p_until timestamptz)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_due record;
begin
  -- Whoever was first has moved the time on.
  for v_due in select o.project_id, o.id from auth.domain o where o.next_check_at <= p_now order by o.next_check_at limit p_limit loop
    return query update auth.domain d set next_check_at = p_until
      where d.project_id = v_due.project_id and d.id = v_due.id and d.next_check_at <= p_now returning d.project_id, d.id;
  end loop;
end $$;

alter function auth.due_domains owner to portico_maintenance;
revoke all on function auth.due_domains from public;
grant execute on function auth.due_domains to portico_worker;
