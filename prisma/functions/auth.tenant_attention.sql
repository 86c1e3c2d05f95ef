-- What somebody of this tenant should see to, oldest first.
create or replace function auth.tenant_attention(p_tenant uuid, p_limit integer)
  returns table (project_id uuid, project_name text, kind text, detail text, since timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select p.id, p.name, a.kind, a.detail, a.since from auth.attention a join platform.project p on p.id = a.project_id
  where p.tenant_id = p_tenant and p.archived_at is null order by a.since, p.id, a.kind, a.detail limit p_limit;
end $$;

alter function auth.tenant_attention owner to portico_maintenance;
revoke all on function auth.tenant_attention from public;
grant execute on function auth.tenant_attention to portico_control;
