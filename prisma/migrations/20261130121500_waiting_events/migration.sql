-- An event waits until it is handed on, and its row says so. Until now a place in the order of transactions said it, which only one machine
-- counts: over several (prisma/citus.sql), in a restored copy and behind logical replication it meant nothing, and one long transaction
-- anywhere held every event back.
alter table auth.audit_event add column waiting boolean;
alter table auth.audit_event alter column waiting set default true;
alter table platform.audit_event add column waiting boolean;
alter table platform.audit_event alter column waiting set default true;
do $$
declare
  v_reader metering.event_reader;
begin
  select * into v_reader from metering.event_reader;
  update auth.audit_event e set waiting = true where e.tx is not null and (v_reader.tx is null or e.number > v_reader.number_seen
    or ((e.tx, e.number) > (v_reader.tx, v_reader.number) and e.number > v_reader.number_floor));
  update platform.audit_event e set waiting = true where e.tx is not null and (v_reader.tx is null or e.number > v_reader.number_seen
    or ((e.tx, e.number) > (v_reader.tx, v_reader.number) and e.number > v_reader.number_floor));
end $$;
create index audit_event_waiting on auth.audit_event (number) where waiting;
create index audit_event_waiting on platform.audit_event (number) where waiting;
revoke update (tx, number) on platform.audit_event from portico_maintenance;
grant update (waiting) on platform.audit_event to portico_maintenance;
alter table metering.event_reader drop column cluster, drop column tx, drop column number, drop column number_floor,
  drop column number_seen;

-- Followers of a project ask by its place; nobody asks over all projects any more.
drop index auth.audit_event_by_transaction;
create index audit_event_by_transaction on auth.audit_event (project_id, tx, number) where tx is not null;
drop index platform.audit_event_by_transaction;

-- Totals are made with the project (auth.create_service), so that nobody has to look for projects without.
insert into auth.project_total (project_id) select s.project_id from auth.service s on conflict do nothing;
