-- Everything that belongs to one project. Every table: project_id first in every key, row-level security enabled and forced.

-- Strict on purpose: unset (42704) or empty (22P02) is an error, so an unscoped query fails loudly instead of returning nothing.
create function auth.current_project_id() returns uuid
  language sql stable parallel safe
  as $$ select current_setting('portico.project_id')::uuid $$;

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
  primary key (project_id, kid)
);
create unique index signing_key_current on auth.signing_key (project_id) where state = 'current';

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

create table auth.runtime_variable (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  name        text not null,
  sealed      bytea not null,
  updated_at  timestamptz not null,
  primary key (project_id, name)
);

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
  primary key (project_id, id),
  unique (project_id, email)
);
create index end_user_by_creation on auth.end_user (project_id, created_at desc, id);

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
  primary key (project_id, id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index session_by_end_user on auth.session (project_id, end_user_id, created_at) where ended_at is null;
create index session_end_user_fk on auth.session (project_id, end_user_id);

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
create index refresh_token_by_session on auth.refresh_token (project_id, session_id);

create table auth.one_time_token (
  project_id   uuid not null,
  digest       bytea not null,
  purpose      text not null check (purpose in ('password_reset', 'email_confirm', 'email_change', 'email_change_undo')),
  end_user_id  uuid not null,
  payload      jsonb not null default '{}',
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  consumed_at  timestamptz,
  voided_at    timestamptz,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index one_time_token_by_end_user on auth.one_time_token (project_id, end_user_id, purpose);
create index one_time_token_expiry on auth.one_time_token (expires_at);

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
  primary key (project_id, id)
);
create index outbox_due on auth.outbox (project_id, next_attempt_at) where status in ('pending', 'enqueued');
create index outbox_done on auth.outbox (done_at) where done_at is not null;

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

do $$
declare
  table_name text;
begin
  foreach table_name in array array['service', 'signing_key', 'key_rotation', 'runtime_variable', 'instance', 'domain', 'end_user', 'session',
      'refresh_token', 'one_time_token', 'outbox', 'audit_event', 'dev_mail'] loop
    execute format('alter table auth.%I enable row level security', table_name);
    execute format('alter table auth.%I force row level security', table_name);
    execute format('create policy project_isolation on auth.%I to portico_control, portico_data, portico_worker
      using (project_id = auth.current_project_id()) with check (project_id = auth.current_project_id())', table_name);
    -- Only inside the security definer functions of this schema: nobody logs in as portico_maintenance.
    execute format('create policy maintenance on auth.%I to portico_maintenance using (true) with check (true)', table_name);
  end loop;
end $$;

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

grant select, insert, update, delete on all tables in schema auth to portico_maintenance;
grant select on platform.project, platform.audit_event to portico_maintenance;
-- For the sweeper: `for update skip locked` wants the update right too.
grant update, delete on platform.project to portico_maintenance;
grant select, update, delete on platform.idempotency_record to portico_maintenance;
