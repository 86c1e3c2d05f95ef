-- Set-up links: a customer's administrator connects their own identity provider without an account here. One link, one holder.
create table auth.setup_link (
  project_id       uuid not null,
  id               uuid not null,
  organization_id  uuid not null,
  -- The one connection that its holder sets up; null: they have not chosen a protocol yet.
  connection_id    uuid,
  token_digest     bytea not null,
  -- Of the secret of the browser that opened it first.
  holder_digest    bytea,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  opened_at        timestamptz,
  finished_at      timestamptz,
  revoked_at       timestamptz,
  primary key (project_id, id),
  unique (project_id, token_digest),
  unique (project_id, holder_digest),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade,
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete set null (connection_id)
);
create index setup_link_by_organization on auth.setup_link (project_id, organization_id, created_at desc, id desc);
create index setup_link_by_connection on auth.setup_link (project_id, connection_id);
create index setup_link_expiry on auth.setup_link (expires_at);
select auth.isolate('setup_link');
grant select, insert, update on auth.setup_link to portico_control;
grant select on auth.setup_link to portico_data;
grant update (connection_id, holder_digest, opened_at, finished_at) on auth.setup_link to portico_data;

-- The page that the holder works on is one of the data plane.
grant insert, update, delete on auth.sso_connection to portico_data;
grant insert, update, delete on auth.email_domain to portico_data;
