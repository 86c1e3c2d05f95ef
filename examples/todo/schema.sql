-- Applied at every start, after @portico/auth/rls.sql, which defines auth.uid().
-- The app works as a role that row security restricts, whichever user it connects for.
do $$ begin
  if not exists (select from pg_roles where rolname = 'todo_app') then create role todo_app nologin; end if;
end $$;
grant todo_app to current_user;

create table if not exists todo (
  id         uuid primary key default gen_random_uuid(),
  owner      uuid not null default auth.uid(),
  title      text not null check (length(title) between 1 and 500),
  done       boolean not null default false,
  created_at timestamptz not null default now()
);
create index if not exists todo_of_owner on todo (owner, created_at);

-- A person who works for a company just now (`org_id` in the access token) has the company's list, else one of their own. Without an
-- organization the setting is empty; auth.org_id() of rls.sql says the same.
alter table todo add column if not exists organization uuid default nullif(current_setting('jwt.claims.org_id', true), '')::uuid;
create index if not exists todo_of_organization on todo (organization, created_at);

alter table todo enable row level security;
alter table todo force row level security;
drop policy if exists own_rows on todo;
create policy own_rows on todo using (
  case when organization is null then owner = (select auth.uid()) and nullif(current_setting('jwt.claims.org_id', true), '') is null
  else organization = nullif(current_setting('jwt.claims.org_id', true), '')::uuid end);
-- Who writes says it in their own name, in a shared list too.
drop policy if exists own_name on todo;
create policy own_name on todo as restrictive for insert with check (owner = (select auth.uid()));
grant select, insert, update, delete on todo to todo_app;
