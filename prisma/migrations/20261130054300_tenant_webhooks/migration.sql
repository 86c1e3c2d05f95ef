-- Endpoints of a whole tenant: they hear all its projects, or the ones that they name. What is sent to them stands with the project that it
-- is about, so a delivery names an endpoint of either kind.
create table platform.webhook_endpoint (
  id               uuid primary key,
  tenant_id        uuid not null references platform.tenant (id) on delete cascade,
  url              text not null,
  description      text not null default '',
  -- Empty: every event that a webhook may carry; every project.
  types            text[] not null default '{}',
  project_ids      uuid[] not null default '{}',
  ordering         text not null default 'none' check (ordering in ('none', 'user')),
  secret_sealed    bytea not null,
  disabled_at      timestamptz,
  disabled_reason  text,
  failing_since    timestamptz,
  created_at       timestamptz not null,
  updated_at       timestamptz not null
);
create index webhook_endpoint_by_tenant on platform.webhook_endpoint (tenant_id, created_at desc, id);
grant select, insert, update, delete on platform.webhook_endpoint to portico_control;
grant select, update on platform.webhook_endpoint to portico_maintenance;

alter table auth.webhook_delivery drop constraint webhook_delivery_project_id_endpoint_id_fkey;
-- Taken by endpoint and not by project: an endpoint of a tenant has one share, however many projects it hears.
create index webhook_endpoint_by_id on auth.webhook_endpoint (id);
drop index auth.webhook_delivery_due;
create index webhook_delivery_due on auth.webhook_delivery (endpoint_id, next_attempt_at, number) where status = 'pending';
drop index auth.webhook_delivery_by_endpoint;
create index webhook_delivery_by_endpoint on auth.webhook_delivery (endpoint_id, created_at desc, id);
grant delete on auth.webhook_delivery to portico_control;
