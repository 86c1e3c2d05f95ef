-- The worker looks after the certificates of SAML connections: metadata are read again, and what runs out is announced.
alter table auth.sso_connection add column checked_at timestamptz;
create index sso_connection_due on auth.sso_connection (checked_at nulls first) where protocol = 'saml';
grant update (config, updated_at) on auth.sso_connection to portico_worker;
grant select on auth.email_domain to portico_worker;

-- What was announced of a certificate, once each.
create table auth.sso_certificate_notice (
  project_id     uuid not null,
  connection_id  uuid not null,
  fingerprint    text not null,
  -- This many days before its end, or fewer.
  days           integer not null check (days in (1, 7, 30)),
  created_at     timestamptz not null,
  primary key (project_id, connection_id, fingerprint, days),
  foreign key (project_id, connection_id) references auth.sso_connection (project_id, id) on delete cascade
);
select auth.isolate('sso_certificate_notice');
grant select, insert on auth.sso_certificate_notice to portico_worker;

-- Whom to write to: `auth.tenant_operators`.
grant select on platform.member, platform.console to portico_maintenance;
