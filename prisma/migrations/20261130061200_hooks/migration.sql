-- Whom a project asks before it lets something happen: one endpoint for each hook.
create table auth.hook (
  project_id     uuid not null references auth.service (project_id) on delete cascade,
  hook           text not null,
  id             uuid not null,
  url            text not null,
  -- Both secrets while one replaces the other.
  secret_sealed  bytea not null,
  -- What counts when the endpoint does not answer.
  on_failure     text not null default 'deny' check (on_failure in ('deny', 'allow')),
  enabled        boolean not null default true,
  -- Since when it is not called because it does not answer; told once.
  failing_since  timestamptz,
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (project_id, hook)
);
select auth.isolate('hook');
grant select, insert, update, delete on auth.hook to portico_control;

-- What the app adds to the access tokens of a session, as long as it lives.
create table auth.session_claims (
  project_id  uuid not null,
  session_id  uuid not null,
  claims      jsonb not null,
  primary key (project_id, session_id),
  foreign key (project_id, session_id) references auth.session (project_id, id) on delete cascade
);
select auth.isolate('session_claims');
grant select, insert on auth.session_claims to portico_data, portico_control;
