-- Host names whose turn it is to be looked up, leased until p_until: several workers look at different ones.
create or replace function auth.due_domains(p_limit integer, p_now timestamptz, p_until timestamptz)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  return query
    update auth.domain d set next_check_at = p_until
      from (select o.project_id, o.id from auth.domain o where o.next_check_at <= p_now
        order by o.next_check_at limit p_limit for update skip locked) due
      where d.project_id = due.project_id and d.id = due.id
      returning d.project_id, d.id;
end $$;

alter function auth.due_domains owner to portico_maintenance;
revoke all on function auth.due_domains from public;
grant execute on function auth.due_domains to portico_worker;
