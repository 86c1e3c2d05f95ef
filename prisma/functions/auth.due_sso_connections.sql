-- SAML connections in use whose certificates are to be looked at again, taken until the next time: several workers look at different ones.
create or replace function auth.due_sso_connections(p_limit integer, p_now timestamptz, p_before timestamptz)
  returns table (project_id uuid, id uuid)
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  return query
    update auth.sso_connection c set checked_at = p_now
      from (select o.project_id, o.id from auth.sso_connection o
        where o.protocol = 'saml' and o.state <> 'draft' and (o.checked_at is null or o.checked_at <= p_before)
        order by o.checked_at nulls first limit p_limit for update skip locked) due
      where c.project_id = due.project_id and c.id = due.id
      returning c.project_id, c.id;
end $$;

alter function auth.due_sso_connections owner to portico_maintenance;
revoke all on function auth.due_sso_connections from public;
grant execute on function auth.due_sso_connections to portico_worker;
