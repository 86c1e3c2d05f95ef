-- Who sends a project's mail, where that is not the installation: at most one sender for a project and one for a tenant. The secret (a
-- password or an API key) is sealed and bound to `id`, which is new with every configuration.
create table auth.mail_sender (
  project_id      uuid not null references auth.service (project_id) on delete cascade,
  id              uuid not null,
  kind            text not null check (kind in ('smtp', 'resend', 'resend_domain')),
  from_address    text not null,
  config          jsonb not null default '{}',
  secret_sealed   bytea,
  -- pending: its domain is not verified yet, so it sends nothing. failing: it was refused; told once.
  state           text not null check (state in ('pending', 'ready', 'failing')),
  failing_code    text,
  failing_detail  text,
  failing_since   timestamptz,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (project_id)
);
select auth.isolate('mail_sender');
grant select, insert, update, delete on auth.mail_sender to portico_control;

create table platform.mail_sender (
  tenant_id       uuid primary key references platform.tenant (id) on delete cascade,
  id              uuid not null,
  kind            text not null check (kind in ('smtp', 'resend', 'resend_domain')),
  from_address    text not null,
  config          jsonb not null default '{}',
  secret_sealed   bytea,
  state           text not null check (state in ('pending', 'ready', 'failing')),
  failing_code    text,
  failing_detail  text,
  failing_since   timestamptz,
  created_at      timestamptz not null,
  updated_at      timestamptz not null
);
-- Through functions alone: the control plane passes the tenant of its caller.
grant select, insert, update, delete on platform.mail_sender to portico_maintenance;
grant insert on platform.audit_event to portico_maintenance;

-- What the sender said of a mail, for whoever looks why it did not arrive. No log has it: it may quote an address.
alter table auth.outbox add column last_detail text;
