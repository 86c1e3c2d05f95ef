-- SAML connections in use whose certificates are to be looked at again, taken until the next time: several workers look at different ones.
create or replace function auth.due_sso_connections(p_limit integer, p_now timestamptz, p_before timestamptz)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_due record;
begin
  -- Whoever was first has moved the time on.
  for v_due in
    select o.project_id, o.id from auth.sso_connection o
    where o.protocol = 'saml' and o.state <> 'draft' and (o.checked_at is null or o.checked_at <= p_before)
    order by o.checked_at nulls first limit p_limit
  loop
    return query update auth.sso_connection c set checked_at = p_now
      where c.project_id = v_due.project_id and c.id = v_due.id and (c.checked_at is null or c.checked_at <= p_before)
      returning c.project_id, c.id;
  end loop;
end $$;

alter function auth.due_sso_connections owner to portico_maintenance;
revoke all on function auth.due_sso_connections from public;
grant execute on function auth.due_sso_connections to portico_worker;
