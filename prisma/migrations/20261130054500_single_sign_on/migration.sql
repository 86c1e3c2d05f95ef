-- Single sign-on: how the people of a company, or of the whole project, come in by an identity provider of their own.
create table auth.sso_connection (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null,
  -- Null: of the whole project.
  organization_id  uuid,
  protocol         text not null check (protocol in ('oidc', 'saml')),
  name             text not null,
  state            text not null check (state in ('draft', 'testing', 'active')),
  -- What is no secret: endpoints, certificates, what attributes and groups mean.
  config           jsonb not null,
  secret_sealed    bytea,
  -- People of its domains come in by it and by nothing else.
  enforce          boolean not null default false,
  -- Whether those who may break the glass still come in without it.
  local_login      boolean not null default true,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade
);
create index sso_connection_by_organization on auth.sso_connection (project_id, organization_id);
-- Read at every sign-in; most projects have no row in it.
create index sso_connection_enforced on auth.sso_connection (project_id) where enforce and state = 'active';
select auth.isolate('sso_connection');
grant select, insert, update, delete on auth.sso_connection to portico_control;
grant select on auth.sso_connection to portico_data, portico_worker;

-- Mail domains that an organization (null: the project itself) says are its own. Nothing rests on one before its proof by DNS, and of two
-- who say the same of one domain the first who proves it holds it.
create table auth.email_domain (
  project_id          uuid not null references auth.service (project_id) on delete cascade,
  id                  uuid not null,
  organization_id     uuid,
  domain              text not null,
  verification_token  text not null,
  verified_at         timestamptz,
  -- The one connection that answers for its people.
  connection_id       uuid,
  created_at          timestamptz not null,
  primary key (project_id, id),
  unique nulls not distinct (project_id, organization_id, domain),
  check (connection_id is null or verified_at is not null),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade,
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete set null (connection_id)
);
create unique index email_domain_verified on auth.email_domain (project_id, domain) where verified_at is not null;
create index email_domain_by_connection on auth.email_domain (project_id, connection_id) where connection_id is not null;
select auth.isolate('email_domain');
grant select, insert, update, delete on auth.email_domain to portico_control;
grant select on auth.email_domain to portico_data;

-- Who may come in without the identity provider when it is away: a few, and each time the log says so.
create table auth.sso_break_glass (
  project_id   uuid not null,
  end_user_id  uuid not null,
  created_at   timestamptz not null,
  primary key (project_id, end_user_id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
select auth.isolate('sso_break_glass');
grant select, insert, delete on auth.sso_break_glass to portico_control;
grant select on auth.sso_break_glass to portico_data;

-- Assertions that were taken, as long as they could be shown again.
create table auth.saml_assertion (
  project_id     uuid not null,
  connection_id  uuid not null,
  digest         bytea not null,
  expires_at     timestamptz not null,
  primary key (project_id, connection_id, digest),
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete cascade
);
create index saml_assertion_expiry on auth.saml_assertion (expires_at);
select auth.isolate('saml_assertion');
grant select, insert on auth.saml_assertion to portico_data;
