-- What the search of people needs at a million in one project (docs/decisions.md, «Search of people»).
--
-- Byte order, so that the unique index answers for the beginning of an address too, whatever the database's own collation is. Under row
-- security only comparisons that cannot leak become conditions of an index (`<`, `>=`), and `like`, functions and `coalesce` do not: hence the
-- stored domain, and the last sign-in in a form that orders those who never signed in too.
alter table auth.end_user alter column email type text collate "C";
alter table auth.end_user add column email_domain text collate "C" generated always as (split_part(email, '@', 2)) stored not null,
  add column sign_in_order timestamptz generated always as (coalesce(last_sign_in_at, '-infinity'::timestamptz)) stored not null;

-- Ends with the id in the direction of the instant, so that one row comparison continues a page, forwards or backwards, among any number of
-- people of one instant (imports). The conditions hold for every row and keep the planner from taking the index for the primary key.
drop index auth.end_user_by_creation;
create index end_user_by_creation on auth.end_user (project_id, created_at, id) where created_at > '-infinity';
create index end_user_by_domain on auth.end_user (project_id, email_domain, created_at, id) where created_at > '-infinity';
create index end_user_by_sign_in on auth.end_user (project_id, sign_in_order, id) where created_at > '-infinity';
create index end_user_disabled on auth.end_user (project_id, created_at, id) where disabled_at is not null;
create index end_user_unconfirmed on auth.end_user (project_id, created_at, id) where email_verified_at is null;
