-- What somebody of this tenant should see to, oldest first.
create or replace function auth.tenant_attention(p_tenant uuid, p_limit integer)
  returns table (project_id uuid, project_name text, kind text, detail text, since timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant and p.archived_at is null);
begin
  return query
  select p.id, p.name, a.kind, a.detail, a.since from (
    select t.* from auth.attention t where t.project_id = any (v_projects) offset 0) a
  join platform.project p on p.id = a.project_id order by a.since, p.id, a.kind, a.detail limit p_limit;
end $$;

alter function auth.tenant_attention owner to portico_maintenance;
revoke all on function auth.tenant_attention from public;
grant execute on function auth.tenant_attention to portico_control;
