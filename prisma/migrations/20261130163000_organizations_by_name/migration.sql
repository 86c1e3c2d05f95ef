-- Lists of organizations in the order of their names.
create index organization_by_name on auth.organization (project_id, name, id);
