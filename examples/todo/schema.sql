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

alter table todo enable row level security;
alter table todo force row level security;
drop policy if exists own_rows on todo;
create policy own_rows on todo using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
grant select, insert, update, delete on todo to todo_app;
