-- A time range that is told to an endpoint again, batch by batch: one at a time for each endpoint.
create table platform.webhook_replay (
  id           uuid primary key,
  tenant_id    uuid not null references platform.tenant (id) on delete cascade,
  -- Whose endpoint it is; null: the tenant’s. Only the functions of schema auth get at the table, which take the owner and check it.
  of_project   uuid references platform.project (id) on delete cascade,
  endpoint_id  uuid not null,
  since        timestamptz not null,
  until        timestamptz not null,
  types        text[] not null,
  status       text not null default 'running' check (status in ('running', 'done', 'cancelled', 'full')),
  -- Whose log is read, and up to where; null: the tenant's, which says what happened to projects.
  reading      uuid,
  place_at     timestamptz not null,
  place_id     uuid not null default '00000000-0000-0000-0000-000000000000',
  deliveries   integer not null default 0,
  created_at   timestamptz not null,
  worked_at    timestamptz not null,
  done_at      timestamptz
);
create unique index webhook_replay_running on platform.webhook_replay (endpoint_id) where status = 'running';
create index webhook_replay_due on platform.webhook_replay (worked_at) where status = 'running';
create index webhook_replay_by_endpoint on platform.webhook_replay (endpoint_id, created_at desc, id desc);
create index webhook_replay_by_tenant on platform.webhook_replay (tenant_id, created_at);
create index webhook_replay_by_project on platform.webhook_replay (of_project);
create index webhook_replay_by_time on platform.webhook_replay (created_at);
grant select, insert, update, delete on platform.webhook_replay to portico_maintenance;

-- The log of deliveries is kept for 30 days from when each was made: a replay of an old event is not swept with its event.
create index webhook_delivery_by_time on auth.webhook_delivery (created_at);
