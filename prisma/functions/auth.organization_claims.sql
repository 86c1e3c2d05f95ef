-- What a token says of the organization, if the user belongs to it; null otherwise. `permissions` is null for a role that has no row: then
-- it is one of the two that every project has (libs/kernel/organization-roles.ts). The organization's own role counts before the project's.
create or replace function auth.organization_claims(p_project uuid, p_user uuid, p_organization uuid) returns json
  language plpgsql stable
  as $$
begin
  return (select json_build_object('id', o.id, 'slug', o.slug, 'role', m.role, 'permissions', (
      select r.permissions from auth.organization_role r
      where r.project_id = p_project and r.key = m.role and (r.organization_id is null or r.organization_id = p_organization)
      order by r.organization_id nulls last limit 1))
    from auth.organization_membership m join auth.organization o on o.project_id = p_project and o.id = p_organization
    where m.project_id = p_project and m.organization_id = p_organization and m.end_user_id = p_user);
end $$;

revoke all on function auth.organization_claims from public;
grant execute on function auth.organization_claims to portico_data;
