-- See `Secondary indexes cannot be taken for the primary key` in docs/decisions.md: a lookup by id does not imply these conditions, which hold for every
-- row, so that the planner cannot take the indexes for the primary key on a table without statistics. Whoever wants them repeats the condition.
drop index auth.end_user_by_creation;
create index end_user_by_creation on auth.end_user (project_id, created_at desc, id) where created_at > '-infinity';
alter table auth.end_user drop constraint end_user_project_id_email_key;
create unique index end_user_by_email on auth.end_user (project_id, email) where email <> '';
