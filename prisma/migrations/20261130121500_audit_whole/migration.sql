-- Retention: up to where rows of the chain were deleted because they were old, and the signed statement that says so. Their links stay.
alter table auth.audit_chain add column cut_seq bigint not null default 0, add column cut_jws text;

-- What was personal in the row is gone, and with it what its commitment was salted with.
alter table auth.audit_event add column erased boolean;

-- Receipts of erasures: what of a person was destroyed where, signed by the installation.
create table auth.audit_erasure (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  id           uuid not null,
  end_user_id  uuid not null,
  jws          text not null,
  created_at   timestamptz not null,
  primary key (project_id, id)
);
select auth.isolate('audit_erasure');
create index audit_erasure_by_time on auth.audit_erasure (project_id, created_at desc, id desc);
create index audit_erasure_by_person on auth.audit_erasure (project_id, end_user_id);
grant select, insert on auth.audit_erasure to portico_control;

-- The chain of a tenant's own rows, and for how long rows of the tenant and of its projects are kept.
create table metering.tenant_audit (
  tenant_id       uuid primary key references platform.tenant (id) on delete cascade,
  seq             bigint not null default 0,
  -- Null: nothing is chained yet.
  head            bytea,
  -- What commitments are salted with.
  key             bytea not null,
  cut_seq         bigint not null default 0,
  cut_jws         text,
  -- Null: for ever.
  retention_days  integer check (retention_days between 30 and 3650)
);
create table metering.tenant_audit_link (
  tenant_id   uuid not null references platform.tenant (id) on delete cascade,
  seq         bigint not null,
  event_id    uuid not null,
  leaf        bytea not null,
  commitment  bytea not null,
  head        bytea not null,
  chained_at  timestamptz not null,
  primary key (tenant_id, seq)
);
create table metering.tenant_audit_signature (
  tenant_id   uuid not null references platform.tenant (id) on delete cascade,
  seq         bigint not null,
  day         date not null,
  kid         text not null,
  jws         text not null,
  created_at  timestamptz not null,
  primary key (tenant_id, seq)
);

-- Where the audit log of a tenant and its projects is streamed to. A new destination is a new id, and begins with the first row.
create table metering.audit_stream (
  tenant_id        uuid primary key references platform.tenant (id) on delete cascade,
  id               uuid not null unique,
  kind             text not null check (kind in ('https', 's3')),
  config           jsonb not null,
  secret_sealed    bytea not null,
  attempts         integer not null default 0,
  next_attempt_at  timestamptz not null,
  leased_until     timestamptz,
  failing_since    timestamptz,
  problem          text,
  delivered_at     timestamptz,
  parts            bigint not null default 0,
  created_at       timestamptz not null,
  updated_at       timestamptz not null
);
-- How far each log has come: of a project, or of the tenant itself.
create table metering.audit_stream_place (
  stream_id      uuid not null references metering.audit_stream (id) on delete cascade,
  subject_id     uuid not null,
  seq            bigint not null,
  signature_seq  bigint not null,
  primary key (stream_id, subject_id)
);
grant select, insert, update, delete on metering.tenant_audit, metering.tenant_audit_link, metering.tenant_audit_signature,
  metering.audit_stream, metering.audit_stream_place to portico_maintenance;
grant delete on platform.audit_event to portico_maintenance;

-- Keys that had every scope of a tenant have every scope still.
update platform.api_key set scopes = scopes || array['audit.manage'] where scopes @> array['team.manage', 'keys:write', 'clients:forward'];
