-- Roles. Passwords are set by the migrate command (derived from the master key), never here.
do $$
declare
  service text;
begin
  foreach service in array array['portico_data', 'portico_control', 'portico_worker'] loop
    if not exists (select 1 from pg_roles where rolname = service) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole noinherit nobypassrls', service);
    end if;
  end loop;
  -- Owns the few functions that look across projects; nobody logs in as it.
  if not exists (select 1 from pg_roles where rolname = 'portico_maintenance') then
    create role portico_maintenance nologin nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
  end if;
  -- A non-superuser owner must be a member to hand over a function or a schema.
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant portico_maintenance, portico_worker to %I', current_user);
  end if;
end $$;

create schema platform;
create schema auth;
create schema limits;
-- BullMQ's PostgreSQL backend keeps its own tables; only ids of outbox rows ever enter them.
create schema bullmq authorization portico_worker;

grant usage on schema platform to portico_control, portico_maintenance;
grant usage on schema auth to portico_control, portico_data, portico_worker, portico_maintenance;
grant usage on schema limits to portico_control, portico_data, portico_worker, portico_maintenance;

-- The project of the running transaction. Strict on purpose: unset (42704) or empty (22P02) is an error, so an unscoped query fails loudly
-- instead of returning nothing. Every policy hangs on it, so it is here and not in prisma/functions.
create function auth.current_project_id() returns uuid
  language sql stable parallel safe
  as $$ select current_setting('portico.project_id')::uuid $$;
revoke all on function auth.current_project_id from public;
grant execute on function auth.current_project_id to portico_control, portico_data, portico_worker, portico_maintenance;

-- What makes a table of schema auth belong to projects: `select auth.isolate('new_table');` follows its `create table`, in every migration
-- that makes one, and grants what the services need after it. The table has project_id, first in every key. Here because migrations call
-- it.
create function auth.isolate(p_table text) returns void
  language plpgsql set search_path = pg_catalog
  as $$
begin
  execute format('alter table auth.%I enable row level security', p_table);
  -- The owner too.
  execute format('alter table auth.%I force row level security', p_table);
  execute format('create policy project_isolation on auth.%I to portico_control, portico_data, portico_worker
    using (project_id = auth.current_project_id()) with check (project_id = auth.current_project_id())', p_table);
  -- Only inside the security definer functions: nobody logs in as portico_maintenance.
  execute format('create policy maintenance on auth.%I to portico_maintenance using (true) with check (true)', p_table);
  execute format('grant select, insert, update, delete on auth.%I to portico_maintenance', p_table);
end $$;
revoke all on function auth.isolate from public;

-- Schema platform: what belongs to a tenant.

create table platform.tenant (
  id          uuid primary key,
  name        text not null,
  slug        text not null unique,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

create table platform.api_key (
  id            uuid primary key,
  tenant_id     uuid not null references platform.tenant (id) on delete cascade,
  name          text not null,
  prefix        text not null,
  digest        bytea not null unique,
  scopes        text[] not null,
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz,
  created_at    timestamptz not null
);
create index api_key_by_tenant on platform.api_key (tenant_id, created_at desc, id);

create table platform.project (
  id                   uuid primary key,
  tenant_id            uuid not null references platform.tenant (id) on delete cascade,
  name                 text not null,
  slug                 text not null,
  resource_type        text not null default 'project' check (resource_type in ('project', 'sandbox', 'deployment')),
  external_project_id  text,
  metadata             jsonb not null default '{}',
  created_at           timestamptz not null,
  updated_at           timestamptz not null,
  archived_at          timestamptz
);
create unique index project_slug on platform.project (tenant_id, slug) where archived_at is null;
create unique index project_external_id on platform.project (tenant_id, resource_type, external_project_id)
  where archived_at is null and external_project_id is not null;
create index project_by_tenant on platform.project (tenant_id, created_at desc, id);

create table platform.idempotency_record (
  tenant_id        uuid not null references platform.tenant (id) on delete cascade,
  key              text not null,
  request_digest   bytea not null,
  -- null while the first request is still running
  answer_status    integer,
  -- Sealed: an answer may hold a new API key or a project's secret.
  answer_sealed    bytea,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  primary key (tenant_id, key)
);
create index idempotency_record_expiry on platform.idempotency_record (expires_at);

create table platform.audit_event (
  id           uuid primary key default gen_random_uuid(),
  tenant_id    uuid not null references platform.tenant (id) on delete cascade,
  action       text not null,
  actor_type   text not null,
  actor_id     text,
  resource     text not null,
  resource_id  text,
  ip           text,
  user_agent   text,
  metadata     jsonb not null default '{}',
  created_at   timestamptz not null
);
create index audit_event_by_tenant on platform.audit_event (tenant_id, created_at desc, id);

grant select, insert, update, delete on all tables in schema platform to portico_control;
revoke update, delete on platform.audit_event from portico_control;

-- Schema limits.

-- Fixed windows of the rate limiter. Keys are digests of project, limit and subject.
create table limits.rate_limit (
  key     varchar(255) primary key,
  points  integer not null default 0,
  expire  bigint
);
create index rate_limit_expiry on limits.rate_limit (expire);
grant select, insert, update, delete on limits.rate_limit to portico_control, portico_data, portico_worker, portico_maintenance;

-- Schema auth: everything that belongs to one project. Every table: project_id first in every key, row security enabled and forced.
-- Row security adds `project_id =` to every statement, so each index that starts with it is a candidate for each lookup. Until a table is
-- analysed (a minute or more after its first rows, longer where autovacuum is slow) the planner holds the primary key and an index on
-- (project_id, other column) for equally good, and the second one, used by its first column, reads every row of the project: the foreign
-- key check of a refresh token read 600 sessions for each login and each refresh (0.9 of 2.3 ms), and more with every login. Ids of users
-- and sessions are random: an index on them alone finds the same rows, is of no use for anything else, and is smaller. Isolation never hung
-- on these: it is row security and the keys.

create table auth.service (
  project_id        uuid primary key references platform.project (id) on delete cascade,
  enabled           boolean not null default false,
  first_enabled_at  timestamptz,
  -- Only what differs from the defaults; canonical names.
  settings          jsonb not null default '{}',
  -- Counts every change of what a boot would get.
  env_version       integer not null default 1,
  created_at        timestamptz not null,
  updated_at        timestamptz not null
);
select auth.isolate('service');

create table auth.signing_key (
  project_id    uuid not null references auth.service (project_id) on delete cascade,
  kid           text not null,
  alg           text not null check (alg in ('HS256', 'ES256')),
  state         text not null check (state in ('standby', 'current', 'retired')),
  sealed        bytea not null,
  public_jwk    jsonb,
  created_at    timestamptz not null,
  activated_at  timestamptz,
  retired_at    timestamptz,
  -- A retired key verifies until the longest token signed with it has expired, then never again.
  verify_until  timestamptz,
  -- The longest access token that it may have signed: it verifies for this long after it stopped signing.
  max_ttl_seconds  integer not null default 3600,
  primary key (project_id, kid)
);
create unique index signing_key_current on auth.signing_key (project_id) where state = 'current';
select auth.isolate('signing_key');

-- One staged rotation at a time.
create table auth.key_rotation (
  project_id        uuid primary key references auth.service (project_id) on delete cascade,
  from_kid          text not null,
  to_kid            text not null,
  new_standby_kid   text not null,
  started_at        timestamptz not null,
  deadline_at       timestamptz not null,
  foreign key (project_id, from_kid) references auth.signing_key (project_id, kid),
  foreign key (project_id, to_kid) references auth.signing_key (project_id, kid),
  foreign key (project_id, new_standby_kid) references auth.signing_key (project_id, kid)
);
select auth.isolate('key_rotation');

create table auth.runtime_variable (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  name        text not null,
  sealed      bytea not null,
  updated_at  timestamptz not null,
  primary key (project_id, name)
);
select auth.isolate('runtime_variable');

create table auth.instance (
  project_id    uuid not null references auth.service (project_id) on delete cascade,
  id            uuid not null,
  name          text,
  metadata      jsonb not null default '{}',
  env_version   integer not null,
  -- The kids whose secrets this instance was given; a staged rotation waits for those that lack the new standby.
  kids          text[] not null default '{}',
  booted_at     timestamptz not null,
  last_seen_at  timestamptz not null,
  ended_at      timestamptz,
  primary key (project_id, id)
);
create index instance_by_boot on auth.instance (project_id, booted_at desc, id);
select auth.isolate('instance');

create table auth.domain (
  project_id          uuid not null references auth.service (project_id) on delete cascade,
  id                  uuid not null,
  hostname            text not null,
  verification_token  text not null,
  verified_at         timestamptz,
  created_at          timestamptz not null,
  primary key (project_id, id),
  unique (project_id, hostname)
);
-- A host name is global by nature: whoever proves it by DNS holds it.
create unique index domain_verified_hostname on auth.domain (hostname) where verified_at is not null;
select auth.isolate('domain');

-- Updated in place for as long as it lives (last sign-in), as a session is (last use): room on the page keeps that out of the indexes.
create table auth.end_user (
  project_id         uuid not null references auth.service (project_id) on delete cascade,
  id                 uuid not null,
  -- Normalised (trim, NFKC, lower case, IDN to ASCII): what is compared. Mail goes to the typed form.
  email              text not null,
  email_typed        text not null,
  email_verified_at  timestamptz,
  password_hash      text,
  metadata           jsonb not null default '{}',
  disabled_at        timestamptz,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  last_sign_in_at    timestamptz,
  -- Whether the user ever had an identity, a factor or a passkey (auth.note_user_details).
  has_details        boolean not null default false,
  primary key (project_id, id),
  unique (project_id, email)
) with (fillfactor = 85);
create index end_user_by_creation on auth.end_user (project_id, created_at desc, id);
select auth.isolate('end_user');

create table auth.session (
  project_id    uuid not null,
  id            uuid not null,
  end_user_id   uuid not null,
  created_at    timestamptz not null,
  last_used_at  timestamptz not null,
  auth_time     timestamptz not null,
  -- Absolute end; null: none.
  expires_at    timestamptz,
  ended_at      timestamptz,
  end_reason    text,
  ip            text,
  user_agent    text,
  amr           text[] not null,
  -- When it last saw a second factor.
  factor_verified_at  timestamptz,
  primary key (project_id, id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
) with (fillfactor = 85);
create index session_by_end_user on auth.session (end_user_id);
create index session_ended on auth.session (ended_at) where ended_at is not null;
select auth.isolate('session');

create table auth.refresh_token (
  project_id    uuid not null,
  digest        bytea not null,
  session_id    uuid not null,
  created_at    timestamptz not null,
  consumed_at   timestamptz,
  child_digest  bytea,
  -- The child, sealed under a key that only a holder of this token can derive; kept for the grace time.
  child_sealed  bytea,
  primary key (project_id, digest),
  foreign key (project_id, session_id) references auth.session (project_id, id) on delete cascade
);
create index refresh_token_by_session on auth.refresh_token (session_id);
create index refresh_token_sealed on auth.refresh_token (consumed_at) where child_sealed is not null;
select auth.isolate('refresh_token');

create table auth.one_time_token (
  project_id   uuid not null,
  digest       bytea not null,
  purpose      text not null check (purpose in
                 ('password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'invitation', 'account_recovery')),
  end_user_id  uuid not null,
  payload      jsonb not null default '{}',
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  consumed_at  timestamptz,
  voided_at    timestamptz,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index one_time_token_by_end_user on auth.one_time_token (end_user_id, purpose);
create index one_time_token_expiry on auth.one_time_token (expires_at);
select auth.isolate('one_time_token');

create table auth.outbox (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null,
  kind             text not null,
  -- Ids and addresses only; never a token, a password or rendered text.
  payload          jsonb not null default '{}',
  status           text not null default 'pending' check (status in ('pending', 'enqueued', 'sent', 'skipped', 'not_sent', 'dead')),
  attempts         integer not null default 0,
  provider_id      text,
  last_error       text,
  created_at       timestamptz not null,
  next_attempt_at  timestamptz not null,
  enqueued_at      timestamptz,
  done_at          timestamptz,
  -- Until then the row is in the hands of one sender: a second hand-over (a queue may deliver twice, a slow row is handed over again) finds
  -- it taken, instead of sending it beside the first. Null: in nobody's hands.
  leased_until     timestamptz,
  primary key (project_id, id)
);
create index outbox_due on auth.outbox (project_id, next_attempt_at) where status in ('pending', 'enqueued');
create index outbox_done on auth.outbox (done_at) where done_at is not null;
select auth.isolate('outbox');

create table auth.audit_event (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  id           uuid not null default gen_random_uuid(),
  action       text not null,
  actor_type   text not null,
  actor_id     text,
  resource     text not null,
  resource_id  text,
  ip           text,
  user_agent   text,
  metadata     jsonb not null default '{}',
  created_at   timestamptz not null,
  primary key (project_id, id)
);
create index audit_event_by_project on auth.audit_event (project_id, created_at desc, id);
select auth.isolate('audit_event');

-- Development only: what would have been mailed. The worker writes here when PORTICO_ENV=development.
create table auth.dev_mail (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  outbox_id   uuid not null,
  to_address  text not null,
  subject     text not null,
  text        text not null,
  html        text not null,
  link        text,
  code        text,
  created_at  timestamptz not null,
  primary key (project_id, outbox_id)
);
select auth.isolate('dev_mail');

-- One mail that proves an address, by its link, its code, or either of them. It belongs to the address and not to an account: with a first
-- sign-in the account is only made when the address is proven.
create table auth.email_challenge (
  project_id      uuid not null references auth.service (project_id) on delete cascade,
  -- The outbox row that asked for it.
  id              uuid not null,
  purpose         text not null check (purpose in ('sign_in', 'email_confirm')),
  -- Normalised, and as typed.
  address         text not null,
  address_typed   text not null,
  -- SHA-256 of the link's token.
  link_digest     bytea,
  -- HMAC of the address and the code under a key outside the database: six digits would not survive a plain digest.
  code_digest     bytea,
  attempts        integer not null default 0,
  create_user     boolean not null default false,
  -- Where the browser goes after the link, and whose proof of possession (PKCE) the code that it carries wants.
  redirect_to     text,
  code_challenge  text,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  -- A code is short, so it lives shorter than the link beside it.
  code_expires_at timestamptz,
  consumed_at     timestamptz,
  voided_at       timestamptz,
  primary key (project_id, id)
);
create unique index email_challenge_by_link on auth.email_challenge (project_id, link_digest) where link_digest is not null;
create index email_challenge_by_address on auth.email_challenge (project_id, address, purpose, created_at desc);
create index email_challenge_expiry on auth.email_challenge (expires_at);
select auth.isolate('email_challenge');

create table auth.identity (
  project_id       uuid not null,
  provider         text not null,
  -- Stable at the provider.
  subject          text not null,
  end_user_id      uuid not null,
  email            text,
  email_verified   boolean not null default false,
  profile          jsonb not null default '{}',
  created_at       timestamptz not null,
  last_sign_in_at  timestamptz,
  primary key (project_id, provider, subject),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index identity_by_end_user on auth.identity (end_user_id);
select auth.isolate('identity');

-- A browser on its way to a provider and back. Single use, ten minutes, bound to the browser by a cookie.
create table auth.oauth_flow (
  project_id           uuid not null references auth.service (project_id) on delete cascade,
  state_digest         bytea not null,
  provider             text not null,
  browser_digest       bytea not null,
  nonce                text not null,
  verifier_sealed      bytea not null,
  -- Null: an invitation that is accepted on our own page.
  redirect_to          text,
  app_state            text,
  code_challenge       text,
  -- Set when a signed-in user adds this provider.
  link_end_user_id     uuid,
  -- Set when an invitation is accepted with this provider.
  invitation_digest    bytea,
  created_at           timestamptz not null,
  expires_at           timestamptz not null,
  consumed_at          timestamptz,
  primary key (project_id, state_digest),
  foreign key (project_id, link_end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index oauth_flow_by_link on auth.oauth_flow (link_end_user_id) where link_end_user_id is not null;
create index oauth_flow_expiry on auth.oauth_flow (expires_at);
select auth.isolate('oauth_flow');

-- What a redirect carries instead of tokens: worth nothing without the verifier that never left the app.
create table auth.exchange_code (
  project_id      uuid not null,
  digest          bytea not null,
  end_user_id     uuid not null,
  -- 'sign_in' starts a session; 'link' adds the identity of the payload to the user.
  purpose         text not null check (purpose in ('sign_in', 'link')),
  amr             text[] not null default '{}',
  payload         jsonb not null default '{}',
  code_challenge  text not null,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  consumed_at     timestamptz,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index exchange_code_by_end_user on auth.exchange_code (end_user_id);
create index exchange_code_expiry on auth.exchange_code (expires_at);
select auth.isolate('exchange_code');

-- Client id and sealed secret of one provider; the row 'captcha' holds the secret of the captcha check.
create table auth.provider_config (
  project_id     uuid not null references auth.service (project_id) on delete cascade,
  provider       text not null,
  client_id      text not null,
  secret_sealed  bytea not null,
  issuer         text,
  scopes         text[],
  extra          jsonb not null default '{}',
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (project_id, provider)
);
select auth.isolate('provider_config');

create table auth.factor (
  project_id          uuid not null,
  id                  uuid not null,
  end_user_id         uuid not null,
  type                text not null check (type in ('totp')),
  friendly_name       text,
  sealed              bytea not null,
  -- RFC 6238, 5.2: a code is accepted once, so only steps after this one count.
  last_accepted_step  bigint,
  created_at          timestamptz not null,
  -- Null until the first right code: a seed that was never scanned must lock nobody out.
  activated_at        timestamptz,
  last_used_at        timestamptz,
  primary key (project_id, id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index factor_by_end_user on auth.factor (end_user_id);
select auth.isolate('factor');

create table auth.recovery_code (
  project_id   uuid not null,
  end_user_id  uuid not null,
  digest       bytea not null,
  created_at   timestamptz not null,
  used_at      timestamptz,
  primary key (project_id, end_user_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
select auth.isolate('recovery_code');

create table auth.webauthn_credential (
  project_id       uuid not null,
  id               uuid not null,
  end_user_id      uuid not null,
  credential_id    bytea not null,
  -- COSE.
  public_key       bytea not null,
  sign_count       bigint not null,
  transports       text[] not null default '{}',
  aaguid           uuid,
  backup_eligible  boolean not null,
  backed_up        boolean not null,
  -- The relying party it was made for: another one cannot use it.
  rp_id            text not null,
  friendly_name    text not null,
  -- Made before anybody had proved the account's address: perhaps by somebody who signed up with another person's. It opens nothing alone.
  second_factor_only boolean not null default false,
  user_agent       text,
  created_at       timestamptz not null,
  last_used_at     timestamptz,
  primary key (project_id, id),
  unique (project_id, credential_id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index webauthn_credential_by_end_user on auth.webauthn_credential (end_user_id, created_at);
select auth.isolate('webauthn_credential');

-- Single use: taking one deletes it.
create table auth.webauthn_challenge (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  digest       bytea not null,
  purpose      text not null check (purpose in ('register', 'sign_in', 'second_factor')),
  -- The session or the pending sign-in it was made for; empty: nobody has said who they are yet.
  bound_to     text not null,
  rp_id        text not null,
  expires_at   timestamptz not null,
  primary key (project_id, digest)
);
create index webauthn_challenge_expiry on auth.webauthn_challenge (expires_at);
select auth.isolate('webauthn_challenge');

-- A sign-in that has passed its first factor. Known by the digest of its mfa_token; finishing it deletes it.
create table auth.pending_sign_in (
  project_id       uuid not null,
  digest           bytea not null,
  end_user_id      uuid not null,
  -- 'verify' waits for a factor, 'enrol' for the first factor to be added.
  kind             text not null check (kind in ('verify', 'enrol')),
  amr              text[] not null,
  -- SHA-256 of the password hash that was checked: a password changed meanwhile ends the sign-in.
  password_digest  bytea,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index pending_sign_in_by_end_user on auth.pending_sign_in (end_user_id);
create index pending_sign_in_expiry on auth.pending_sign_in (expires_at);
select auth.isolate('pending_sign_in');

-- A user as the services read one; functions return it as JSON.
create type auth.end_user_row as (id uuid, email text, email_typed text, email_verified_at timestamptz, metadata jsonb,
  disabled_at timestamptz, created_at timestamptz, updated_at timestamptz, last_sign_in_at timestamptz);

-- Grants of schema auth.

grant select, update on auth.service to portico_control, portico_worker;
grant select, insert, update, delete on auth.signing_key, auth.key_rotation to portico_control;
grant select, insert, update, delete on auth.key_rotation to portico_worker;
grant select, update on auth.signing_key to portico_worker;
grant select, insert, update, delete on auth.runtime_variable, auth.instance, auth.domain to portico_control;
grant select on auth.instance to portico_worker;
grant select, insert, update, delete on auth.end_user to portico_control, portico_data;
grant select, update on auth.end_user to portico_worker;
grant select, update on auth.session to portico_control;
grant select, insert, update on auth.session to portico_data;
grant select, insert, update on auth.refresh_token to portico_data;
grant select, insert, update on auth.one_time_token to portico_control, portico_data, portico_worker;
grant insert on auth.outbox to portico_control, portico_data;
grant select, insert, update on auth.outbox to portico_worker;
grant insert on auth.audit_event to portico_data, portico_worker;
grant select, insert on auth.audit_event to portico_control;
grant select, insert, update on auth.dev_mail to portico_worker;

grant select on platform.project, platform.audit_event to portico_maintenance;
-- For the sweeper: `for update skip locked` wants the update right too.
grant update, delete on platform.project to portico_maintenance;
grant select, update, delete on platform.idempotency_record to portico_maintenance;
grant select, insert, update on auth.email_challenge to portico_worker;
grant select, update on auth.email_challenge to portico_data;
grant select, insert, update, delete on auth.identity to portico_data;
grant select, delete on auth.identity to portico_control;
grant select, insert, update on auth.oauth_flow, auth.exchange_code to portico_data;
grant select, insert, update, delete on auth.provider_config to portico_control;
grant select on auth.provider_config to portico_data, portico_worker;
grant select, insert, update, delete on auth.factor, auth.recovery_code, auth.webauthn_credential, auth.webauthn_challenge,
  auth.pending_sign_in to portico_data;
-- Administration resets factors; sealing seeds again after a master-key rotation needs the update.
grant select, update, delete on auth.factor to portico_control;
grant select, delete on auth.recovery_code, auth.webauthn_credential, auth.pending_sign_in to portico_control;
-- A verified domain can be the relying party.
grant select on auth.domain to portico_data;
