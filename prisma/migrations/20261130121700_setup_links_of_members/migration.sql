-- People whose role permits it make set-up links for their own organization, over the data plane. Such a link counts while they may, so it
-- says whose it is; null: an operator's.
alter table auth.setup_link add column made_by uuid;
alter table auth.setup_link add foreign key (project_id, made_by) references auth.end_user (project_id, id) on delete cascade;
create index setup_link_by_maker on auth.setup_link (project_id, made_by) where made_by is not null;
grant insert on auth.setup_link to portico_data;
grant update (revoked_at) on auth.setup_link to portico_data;

-- The permission is new and one of those that the role admin keeps.
do $$
begin
  -- Whoever owns the tables is bound by row security as well (forced), and there is no project to be in here.
  perform set_config('role', 'portico_maintenance', true);
  update auth.organization_role set permissions = permissions || '{sso.manage}'
    where key = 'admin' and not 'sso.manage' = any (permissions);
  perform set_config('role', 'none', true);
end
$$;

-- The holder of a set-up link may have the directory of their organization kept in step, and makes its tokens.
grant insert, update (name, group_roles, fallback_role, custom_schema, updated_at) on auth.directory to portico_data;
grant insert, delete on auth.directory_token to portico_data;
