-- Our own keys for the identity provider of a SAML connection: two at once while one takes the other's place.
create table auth.sso_key (
  project_id     uuid not null,
  id             uuid not null,
  connection_id  uuid not null,
  certificate    text not null,
  sealed         bytea not null,
  -- The one that signs; all of them open what is encrypted for them.
  signs          boolean not null,
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete cascade
);
create index sso_key_by_connection on auth.sso_key (project_id, connection_id, created_at);
create unique index sso_key_signing on auth.sso_key (project_id, connection_id) where signs;
select auth.isolate('sso_key');
grant select, insert, update, delete on auth.sso_key to portico_control;
grant select, insert on auth.sso_key to portico_data;
grant select on auth.sso_key to portico_worker;

-- Which sessions an assertion has started, so that the identity provider can end them.
create table auth.sso_session (
  project_id     uuid not null,
  session_id     uuid not null,
  connection_id  uuid not null,
  name_digest    bytea not null,
  session_index  text,
  primary key (project_id, session_id),
  foreign key (project_id, session_id) references auth.session (project_id, id) on delete cascade,
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete cascade
);
create index sso_session_by_name on auth.sso_session (project_id, connection_id, name_digest);
select auth.isolate('sso_session');
grant select, insert on auth.sso_session to portico_data, portico_control;

-- What a sign-in between its two factors began with, where an assertion did.
alter table auth.pending_sign_in add column sso jsonb;
