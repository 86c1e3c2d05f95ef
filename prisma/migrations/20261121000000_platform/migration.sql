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

-- Fixed windows of the rate limiter. Keys are digests of project, limit and subject.
create table limits.rate_limit (
  key     varchar(255) primary key,
  points  integer not null default 0,
  expire  bigint
);
create index rate_limit_expiry on limits.rate_limit (expire);
grant select, insert, update, delete on limits.rate_limit to portico_control, portico_data, portico_worker, portico_maintenance;
