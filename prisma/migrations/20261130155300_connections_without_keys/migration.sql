-- A key that takes a value away is refused by Citus where the project is part of it, also when it names another column alone: whoever
-- deletes a connection takes it off its domains and set-up links (libs/end-user/records/sso-connection.store.ts). With an organization
-- all three go together.
alter table auth.email_domain drop constraint email_domain_project_id_connection_id_fkey;
alter table auth.setup_link drop constraint setup_link_project_id_connection_id_fkey;
