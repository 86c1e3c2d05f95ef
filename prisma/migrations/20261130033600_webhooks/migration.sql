-- Where a project wants to be told, what it is told, and how each telling went.
create table auth.webhook_endpoint (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null,
  url              text not null,
  description      text not null default '',
  -- Empty: every event that a webhook may carry.
  types            text[] not null default '{}',
  -- user: what is about one person comes in its order, each after the one before was taken.
  ordering         text not null default 'none' check (ordering in ('none', 'user')),
  -- Both secrets while one replaces the other.
  secret_sealed    bytea not null,
  disabled_at      timestamptz,
  disabled_reason  text,
  -- Since when nothing was taken; null once something is.
  failing_since    timestamptz,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (project_id, id)
);
select auth.isolate('webhook_endpoint');
grant select, insert, update, delete on auth.webhook_endpoint to portico_control;

-- The very bytes that are signed: each try of each delivery sends the same. The id sorts by time.
create table auth.webhook_message (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  id          text not null,
  type        text not null,
  body        text not null,
  created_at  timestamptz not null,
  primary key (project_id, id)
);
select auth.isolate('webhook_message');
create index webhook_message_by_time on auth.webhook_message (created_at);
grant select on auth.webhook_message to portico_control;

create table auth.webhook_delivery (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null default gen_random_uuid(),
  endpoint_id      uuid not null,
  message_id       text not null,
  -- Whom it is about, for ordering; and its place among them.
  subject          text,
  number           bigint not null,
  status           text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts         integer not null default 0,
  next_attempt_at  timestamptz not null,
  -- Tries: when, how long, what was answered, cut and without secrets.
  log              jsonb not null default '[]',
  created_at       timestamptz not null,
  done_at          timestamptz,
  primary key (project_id, id),
  foreign key (project_id, endpoint_id) references auth.webhook_endpoint (project_id, id) on delete cascade,
  foreign key (project_id, message_id) references auth.webhook_message (project_id, id) on delete cascade
);
select auth.isolate('webhook_delivery');
create index webhook_delivery_due on auth.webhook_delivery (project_id, endpoint_id, next_attempt_at) where status = 'pending';
create index webhook_delivery_order on auth.webhook_delivery (project_id, endpoint_id, subject, number) where status = 'pending';
create index webhook_delivery_by_endpoint on auth.webhook_delivery (project_id, endpoint_id, created_at desc, id);
create index webhook_delivery_by_message on auth.webhook_delivery (project_id, message_id);
grant select, insert, update on auth.webhook_delivery to portico_control;
