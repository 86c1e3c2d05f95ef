-- One row about the installation itself, made by the first migrate run. The canary is sealed under the master key, so that a wrong one is refused when a
-- process starts, and not found out by the first secret that does not open.
create table platform.installation (
  only_row    boolean primary key default true check (only_row),
  canary      bytea not null,
  created_at  timestamptz not null default now()
);
grant select on platform.installation to portico_maintenance;
grant select, update (canary) on platform.installation to portico_control;
