-- Admins of an organization say what its own roles permit, where the project lets them (setting `organization_roles`).
grant insert, update, delete on auth.organization_role to portico_data;
