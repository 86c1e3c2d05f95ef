-- What became of a mail after its sender took it, as the provider reports it.
alter table auth.outbox
  add column delivery text check (delivery in ('delayed', 'delivered', 'bounced', 'complained')),
  add column delivery_at timestamptz;
-- For the list of a project's mails, newest first.
create index outbox_recent on auth.outbox (project_id, created_at desc, id desc);
grant select on auth.outbox to portico_control, portico_data;
grant update (delivery, delivery_at, last_error, last_detail) on auth.outbox to portico_control;

-- Addresses that a mail bounced off for good, or whose owner complained: nothing is sent there until the owner proves the address again.
create table auth.suppressed_address (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  -- Normalised.
  address     text not null,
  reason      text not null check (reason in ('bounced', 'complained')),
  since       timestamptz not null,
  primary key (project_id, address)
);
select auth.isolate('suppressed_address');
grant select, insert, update, delete on auth.suppressed_address to portico_control;
grant select, insert, update on auth.suppressed_address to portico_worker;
grant select, delete on auth.suppressed_address to portico_data;
