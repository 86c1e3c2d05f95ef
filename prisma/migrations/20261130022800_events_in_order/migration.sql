-- Events can be read in the order of their transactions, exactly once: `tx` is the transaction that wrote the row, `number` the order within
-- it. Rows of before stay without (no table is rewritten) and are not handed on.
create sequence auth.event_number;
grant usage on sequence auth.event_number to portico_control, portico_data, portico_worker, portico_maintenance;
grant update on sequence auth.event_number to portico_maintenance;
alter table auth.audit_event add column tx xid8, add column number bigint;
alter table auth.audit_event alter column tx set default pg_current_xact_id(), alter column number set default nextval('auth.event_number');
create index audit_event_by_transaction on auth.audit_event (tx, number) where tx is not null;
alter table platform.audit_event add column tx xid8, add column number bigint;
alter table platform.audit_event
  alter column tx set default pg_current_xact_id(), alter column number set default nextval('auth.event_number');
create index audit_event_by_transaction on platform.audit_event (tx, number) where tx is not null;

-- What the worker counts across projects. Not in schema platform, whose every table is Prisma's.
create schema metering;
grant usage on schema metering to portico_control, portico_maintenance;

-- How far events are handed on. One row: whatever is done with an event is done in the transaction that moves it (auth.hand_on_events).
create table metering.event_reader (
  only_row      boolean primary key default true check (only_row),
  -- The cluster whose transactions `tx` counts; a restored copy has another.
  cluster       text not null,
  -- The last event that was handed on.
  tx            xid8 not null,
  number        bigint not null,
  -- No event up to this number is waiting that was written before the copy was restored; 0 in an installation that never was.
  number_floor  bigint not null default 0,
  -- Numbers given out when it was last moved.
  number_seen   bigint not null,
  handed_on     bigint not null default 0,
  -- Events of transactions that had ended by then are handed on.
  complete_at   timestamptz
);
grant select, insert, update on metering.event_reader to portico_maintenance;
-- In a restored copy they are counted anew.
grant update (tx, number) on platform.audit_event to portico_maintenance;

-- Counters: of events (kind is the action, detail its method or reason), of mails, of active people.
create table auth.hourly_count (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  hour        timestamptz not null,
  kind        text not null,
  detail      text not null default '',
  count       bigint not null,
  primary key (project_id, hour, kind, detail)
);
select auth.isolate('hourly_count');
create index hourly_count_by_hour on auth.hourly_count (hour);
grant select on auth.hourly_count to portico_control;

-- The same over all projects of a tenant.
create table metering.tenant_hourly_count (
  tenant_id  uuid not null references platform.tenant (id) on delete cascade,
  hour       timestamptz not null,
  kind       text not null,
  detail     text not null default '',
  count      bigint not null,
  primary key (tenant_id, hour, kind, detail)
);
create index tenant_hourly_count_by_hour on metering.tenant_hourly_count (hour);
grant select, insert, update, delete on metering.tenant_hourly_count to portico_maintenance;
grant select on metering.tenant_hourly_count to portico_control;

-- Who used a session on which day of UTC, and in which month: one row for each, however often.
create table auth.active_day (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  day          date not null,
  end_user_id  uuid not null,
  primary key (project_id, day, end_user_id)
);
select auth.isolate('active_day');
grant insert on auth.active_day to portico_data;
create table auth.active_month (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  month        date not null,
  end_user_id  uuid not null,
  primary key (project_id, month, end_user_id)
);
select auth.isolate('active_month');
grant insert on auth.active_month to portico_data;

-- The first use of a session on the last day that it was used: tells auth.rotate_session, without reading the row first, that a day begins.
alter table auth.session add column day_used_at timestamptz;
-- For the funnel sign-up, confirmed, signed in.
alter table auth.end_user add column first_sign_in_at timestamptz;

-- How many people and sessions a project has, counted by the worker after something changed.
create table auth.project_total (
  project_id     uuid primary key references auth.service (project_id) on delete cascade,
  people         bigint not null default 0,
  confirmed      bigint not null default 0,
  disabled       bigint not null default 0,
  open_sessions  bigint not null default 0,
  counted_at     timestamptz,
  count_ms       integer not null default 0,
  -- Something happened since.
  stale          boolean not null default true
);
select auth.isolate('project_total');
create index project_total_stale on auth.project_total (project_id) where stale;
grant select on auth.project_total to portico_control;

create table metering.tenant_total (
  tenant_id   uuid primary key references platform.tenant (id) on delete cascade,
  projects    bigint not null default 0,
  people      bigint not null default 0,
  confirmed   bigint not null default 0,
  counted_at  timestamptz not null
);
grant select, insert, update on metering.tenant_total to portico_maintenance;
grant select on metering.tenant_total to portico_control;

-- What somebody should look at.
create table auth.attention (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  kind        text not null,
  detail      text not null default '',
  since       timestamptz not null,
  primary key (project_id, kind, detail)
);
select auth.isolate('attention');

grant select on platform.tenant to portico_maintenance;
