-- For PostgreSQL across machines (Citus): a project's tables stand on one another and on nothing of schema `platform`, which stays on one
-- machine; the service row itself is made with its project (auth.create_service). Host names are the same on every machine, so they cannot
-- stand on a table that is shared out.
alter table auth.service drop constraint service_project_id_fkey;
alter table auth.domain drop constraint domain_project_id_fkey;
