-- Which organization a sign-in said that it is for, while its second factor is missing. Only a membership makes it count, and it is looked
-- up when the sign-in is finished; so nothing has to follow when that ends.
alter table auth.pending_sign_in add column organization_id uuid;

-- The worker asks whether a directory manages an account: such people are mailed no link that sets a password or another address.
grant select (project_id, end_user_id, deleted_at) on auth.directory_user to portico_worker;
