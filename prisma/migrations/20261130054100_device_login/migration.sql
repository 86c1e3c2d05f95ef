-- A program that asks to be let in, and the person who decides in the console (RFC 8628). The device code is kept as its digest; the code that
-- people type is short-lived and of no use without a session. What is granted is minted when it is fetched, so no secret waits here.
create table platform.device_login (
  id               uuid primary key,
  device_digest    bytea not null unique,
  user_code        text not null unique,
  client_name      text not null,
  ip               text,
  user_agent       text,
  state            text not null check (state in ('pending', 'approved', 'denied', 'redeemed')),
  interval_seconds integer not null,
  polled_at        timestamptz,
  tenant_id        uuid references platform.tenant (id) on delete cascade,
  decided_by       text,
  scopes           text[] not null,
  created_at       timestamptz not null,
  expires_at       timestamptz not null
);
-- A key that somebody let in by a code: it may never do more than they may now, and nothing once they are no member.
alter table platform.api_key add column user_id uuid;

create index device_login_expiry on platform.device_login (expires_at);
grant select, insert, update, delete on platform.device_login to portico_control;
grant select, delete on platform.device_login to portico_maintenance;
