-- What became of attempts to come in by a connection: the last of them, for a day. `test`: run by an operator, and nobody comes in by it.
create table auth.sso_attempt (
  project_id     uuid not null,
  id             uuid not null,
  connection_id  uuid not null,
  test           boolean not null,
  -- Of a test that no browser has begun yet.
  ticket_digest  bytea,
  state          text not null check (state in ('waiting', 'started', 'accepted', 'refused')),
  report         jsonb,
  created_at     timestamptz not null,
  finished_at    timestamptz,
  expires_at     timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete cascade
);
create index sso_attempt_by_connection on auth.sso_attempt (project_id, connection_id, test, created_at);
create unique index sso_attempt_ticket on auth.sso_attempt (project_id, ticket_digest) where ticket_digest is not null;
create index sso_attempt_expiry on auth.sso_attempt (expires_at);
select auth.isolate('sso_attempt');
grant select, insert, update, delete on auth.sso_attempt to portico_data;
grant select, insert, update, delete on auth.sso_attempt to portico_control;
