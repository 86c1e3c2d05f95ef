-- The whole schema as it is after migrating an empty database. Made by `npm run schema`; a test compares it. Do not edit.

create role portico_control login nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
create role portico_data login nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
create role portico_maintenance nologin nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
create role portico_worker login nosuperuser nocreatedb nocreaterole noinherit nobypassrls;

create schema auth;
grant usage on schema auth to portico_control, portico_data, portico_maintenance, portico_worker;

create schema bullmq authorization portico_worker;

create schema limits;
grant usage on schema limits to portico_control, portico_data, portico_maintenance, portico_worker;

create schema metering;
grant usage on schema metering to portico_control, portico_maintenance;

create schema platform;
grant usage on schema platform to portico_control, portico_maintenance;

create type auth.end_user_row as (id uuid, email text, email_typed text, email_verified_at timestamp with time zone, metadata jsonb, disabled_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone, last_sign_in_at timestamp with time zone, app_metadata jsonb);

create type auth.handed_event as (number bigint, project_id uuid, tenant_id uuid, id uuid, action text, actor_type text, actor_id text, resource text, resource_id text, ip text, user_agent text, metadata jsonb, created_at timestamp with time zone, traceparent text, end_user_id uuid, made_at timestamp with time zone, email_verified_at timestamp with time zone, first_sign_in_at timestamp with time zone);

create table auth.active_day (
  project_id uuid not null,
  day date not null,
  end_user_id uuid not null,
  constraint active_day_pkey PRIMARY KEY (project_id, day, end_user_id),
  constraint active_day_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.active_day enable row level security;
alter table auth.active_day force row level security;
create policy maintenance on auth.active_day to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.active_day to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert on table auth.active_day to portico_data;
grant delete, insert, select, update on table auth.active_day to portico_maintenance;

create table auth.active_month (
  project_id uuid not null,
  month date not null,
  end_user_id uuid not null,
  constraint active_month_pkey PRIMARY KEY (project_id, month, end_user_id),
  constraint active_month_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.active_month enable row level security;
alter table auth.active_month force row level security;
create policy maintenance on auth.active_month to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.active_month to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert on table auth.active_month to portico_data;
grant delete, insert, select, update on table auth.active_month to portico_maintenance;

create table auth.attention (
  project_id uuid not null,
  kind text not null,
  detail text default ''::text not null,
  since timestamp with time zone not null,
  constraint attention_pkey PRIMARY KEY (project_id, kind, detail),
  constraint attention_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.attention enable row level security;
alter table auth.attention force row level security;
create policy maintenance on auth.attention to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.attention to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.attention to portico_maintenance;

create table auth.audit_chain (
  project_id uuid not null,
  seq bigint not null,
  head bytea not null,
  cut_seq bigint default 0 not null,
  cut_jws text,
  constraint audit_chain_pkey PRIMARY KEY (project_id),
  constraint audit_chain_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.audit_chain enable row level security;
alter table auth.audit_chain force row level security;
create policy maintenance on auth.audit_chain to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_chain to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.audit_chain to portico_control;
grant delete, insert, select, update on table auth.audit_chain to portico_maintenance;

create table auth.audit_erasure (
  project_id uuid not null,
  id uuid not null,
  end_user_id uuid not null,
  jws text not null,
  created_at timestamp with time zone not null,
  constraint audit_erasure_pkey PRIMARY KEY (project_id, id),
  constraint audit_erasure_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX audit_erasure_by_person ON auth.audit_erasure USING btree (project_id, end_user_id);
CREATE INDEX audit_erasure_by_time ON auth.audit_erasure USING btree (project_id, created_at DESC, id DESC);
alter table auth.audit_erasure enable row level security;
alter table auth.audit_erasure force row level security;
create policy maintenance on auth.audit_erasure to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_erasure to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.audit_erasure to portico_control;
grant delete, insert, select, update on table auth.audit_erasure to portico_maintenance;

create table auth.audit_event (
  project_id uuid not null,
  id uuid default gen_random_uuid() not null,
  action text not null,
  actor_type text not null,
  actor_id text,
  resource text not null,
  resource_id text,
  ip text,
  user_agent text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  tx xid8 default pg_current_xact_id(),
  number bigint default nextval('auth.event_number'::regclass),
  erased boolean,
  waiting boolean default true,
  traceparent text default NULLIF(current_setting('portico.traceparent'::text, true), ''::text),
  constraint audit_event_pkey PRIMARY KEY (project_id, id),
  constraint audit_event_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX audit_event_by_project ON auth.audit_event USING btree (project_id, created_at DESC, id DESC);
CREATE INDEX audit_event_by_transaction ON auth.audit_event USING btree (project_id, tx, number) WHERE (tx IS NOT NULL);
CREATE INDEX audit_event_by_user ON auth.audit_event USING btree (project_id, (
CASE
    WHEN (actor_type = 'end_user'::text) THEN actor_id
    WHEN (resource = 'end_user'::text) THEN resource_id
    ELSE NULL::text
END), created_at DESC, id DESC) WHERE ((actor_type = 'end_user'::text) OR (resource = 'end_user'::text));
CREATE INDEX audit_event_of_provider ON auth.audit_event USING btree (project_id, resource_id, created_at DESC) WHERE ((action = 'sign_in.refused'::text) AND (resource = 'provider'::text) AND ((metadata ->> 'problem'::text) <> 'refused'::text));
CREATE INDEX audit_event_waiting ON auth.audit_event USING btree (number) WHERE waiting;
alter table auth.audit_event enable row level security;
alter table auth.audit_event force row level security;
create policy maintenance on auth.audit_event to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_event to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.audit_event to portico_control;
grant insert on table auth.audit_event to portico_data, portico_worker;
grant delete, insert, select, update on table auth.audit_event to portico_maintenance;

create table auth.audit_link (
  project_id uuid not null,
  seq bigint not null,
  event_id uuid not null,
  leaf bytea not null,
  commitment bytea not null,
  head bytea not null,
  chained_at timestamp with time zone not null,
  constraint audit_link_pkey PRIMARY KEY (project_id, seq),
  constraint audit_link_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX audit_link_by_event ON auth.audit_link USING btree (project_id, event_id);
alter table auth.audit_link enable row level security;
alter table auth.audit_link force row level security;
create policy maintenance on auth.audit_link to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_link to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.audit_link to portico_control;
grant delete, insert, select, update on table auth.audit_link to portico_maintenance;

create table auth.audit_person_key (
  project_id uuid not null,
  end_user_id uuid not null,
  key bytea not null,
  constraint audit_person_key_pkey PRIMARY KEY (project_id, end_user_id),
  constraint audit_person_key_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.audit_person_key enable row level security;
alter table auth.audit_person_key force row level security;
create policy maintenance on auth.audit_person_key to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_person_key to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.audit_person_key to portico_control;
grant delete, insert, select, update on table auth.audit_person_key to portico_maintenance;

create table auth.audit_signature (
  project_id uuid not null,
  seq bigint not null,
  day date not null,
  kid text not null,
  jws text not null,
  created_at timestamp with time zone not null,
  constraint audit_signature_pkey PRIMARY KEY (project_id, seq),
  constraint audit_signature_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.audit_signature enable row level security;
alter table auth.audit_signature force row level security;
create policy maintenance on auth.audit_signature to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.audit_signature to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.audit_signature to portico_control;
grant delete, insert, select, update on table auth.audit_signature to portico_maintenance;

create table auth.brand_image (
  project_id uuid not null,
  name text not null,
  type text not null,
  bytes bytea not null,
  created_at timestamp with time zone not null,
  constraint brand_image_pkey PRIMARY KEY (project_id, name),
  constraint brand_image_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint brand_image_bytes_check CHECK ((octet_length(bytes) <= 262144)),
  constraint brand_image_name_check CHECK ((name ~ '^[0-9a-f]{32}-\d{1,4}x\d{1,4}\.(png|jpg)$'::text)),
  constraint brand_image_type_check CHECK ((type = ANY (ARRAY['image/png'::text, 'image/jpeg'::text])))
);
alter table auth.brand_image enable row level security;
alter table auth.brand_image force row level security;
create policy maintenance on auth.brand_image to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.brand_image to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.brand_image to portico_control, portico_maintenance;
grant select on table auth.brand_image to portico_data;

create table auth.change (
  project_id uuid not null,
  id uuid default gen_random_uuid() not null,
  end_user_id uuid,
  changed_at timestamp with time zone not null,
  noted_at timestamp with time zone default clock_timestamp() not null,
  constraint change_pkey PRIMARY KEY (project_id, id),
  constraint change_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX change_by_time ON auth.change USING btree (noted_at);
alter table auth.change enable row level security;
alter table auth.change force row level security;
create policy maintenance on auth.change to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.change to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert on table auth.change to portico_control, portico_data, portico_worker;
grant delete, insert, select, update on table auth.change to portico_maintenance;

create table auth.dev_mail (
  project_id uuid not null,
  outbox_id uuid not null,
  to_address text not null,
  subject text not null,
  text text not null,
  html text not null,
  link text,
  code text,
  created_at timestamp with time zone not null,
  constraint dev_mail_pkey PRIMARY KEY (project_id, outbox_id),
  constraint dev_mail_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.dev_mail enable row level security;
alter table auth.dev_mail force row level security;
create policy maintenance on auth.dev_mail to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.dev_mail to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.dev_mail to portico_maintenance;
grant insert, select, update on table auth.dev_mail to portico_worker;

create table auth.directory (
  project_id uuid not null,
  id uuid not null,
  organization_id uuid,
  name text not null,
  group_roles jsonb default '[]'::jsonb not null,
  fallback_role text,
  custom_schema jsonb,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint directory_pkey PRIMARY KEY (project_id, id),
  constraint directory_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint directory_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_by_organization ON auth.directory USING btree (project_id, organization_id);
alter table auth.directory enable row level security;
alter table auth.directory force row level security;
create policy maintenance on auth.directory to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.directory to portico_control, portico_maintenance;
grant insert, select on table auth.directory to portico_data;
grant update (name) on table auth.directory to portico_data;
grant update (group_roles) on table auth.directory to portico_data;
grant update (fallback_role) on table auth.directory to portico_data;
grant update (custom_schema) on table auth.directory to portico_data;
grant update (last_used_at) on table auth.directory to portico_data;
grant update (updated_at) on table auth.directory to portico_data;

create table auth.directory_event (
  project_id uuid not null,
  id uuid not null,
  directory_id uuid not null,
  method text not null,
  resource text not null,
  resource_id text,
  status integer not null,
  detail text,
  created_at timestamp with time zone not null,
  constraint directory_event_pkey PRIMARY KEY (project_id, id),
  constraint directory_event_project_id_directory_id_fkey FOREIGN KEY (project_id, directory_id) REFERENCES auth.directory(project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_event_age ON auth.directory_event USING btree (created_at);
CREATE INDEX directory_event_by_age ON auth.directory_event USING btree (project_id, directory_id, created_at DESC, id DESC);
alter table auth.directory_event enable row level security;
alter table auth.directory_event force row level security;
create policy maintenance on auth.directory_event to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_event to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.directory_event to portico_control;
grant insert, select on table auth.directory_event to portico_data;
grant delete, insert, select, update on table auth.directory_event to portico_maintenance;

create table auth.directory_group (
  project_id uuid not null,
  id uuid not null,
  directory_id uuid not null,
  display_name text not null,
  display_name_key text collate "C" not null,
  external_id text collate "C",
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint directory_group_pkey PRIMARY KEY (project_id, id),
  constraint directory_group_project_id_directory_id_display_name_key_key UNIQUE (project_id, directory_id, display_name_key),
  constraint directory_group_project_id_directory_id_fkey FOREIGN KEY (project_id, directory_id) REFERENCES auth.directory(project_id, id) ON DELETE CASCADE
);
alter table auth.directory_group enable row level security;
alter table auth.directory_group force row level security;
create policy maintenance on auth.directory_group to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_group to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.directory_group to portico_control;
grant delete, insert, select, update on table auth.directory_group to portico_data, portico_maintenance;

create table auth.directory_group_member (
  project_id uuid not null,
  group_id uuid not null,
  end_user_id uuid not null,
  constraint directory_group_member_pkey PRIMARY KEY (project_id, group_id, end_user_id),
  constraint directory_group_member_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.directory_user(project_id, end_user_id) ON DELETE CASCADE,
  constraint directory_group_member_project_id_group_id_fkey FOREIGN KEY (project_id, group_id) REFERENCES auth.directory_group(project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_group_member_by_user ON auth.directory_group_member USING btree (end_user_id);
alter table auth.directory_group_member enable row level security;
alter table auth.directory_group_member force row level security;
create policy maintenance on auth.directory_group_member to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_group_member to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.directory_group_member to portico_control;
grant delete, insert, select on table auth.directory_group_member to portico_data;
grant delete, insert, select, update on table auth.directory_group_member to portico_maintenance;

create table auth.directory_token (
  project_id uuid not null,
  id uuid not null,
  directory_id uuid not null,
  digest bytea not null,
  prefix text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint directory_token_pkey PRIMARY KEY (project_id, id),
  constraint directory_token_project_id_digest_key UNIQUE (project_id, digest),
  constraint directory_token_project_id_directory_id_fkey FOREIGN KEY (project_id, directory_id) REFERENCES auth.directory(project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_token_by_directory ON auth.directory_token USING btree (project_id, directory_id);
alter table auth.directory_token enable row level security;
alter table auth.directory_token force row level security;
create policy maintenance on auth.directory_token to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_token to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select on table auth.directory_token to portico_control, portico_data;
grant delete, insert, select, update on table auth.directory_token to portico_maintenance;
grant update (last_used_at) on table auth.directory_token to portico_data;

create table auth.directory_user (
  project_id uuid not null,
  end_user_id uuid not null,
  directory_id uuid not null,
  user_name text not null,
  user_name_key text collate "C" not null,
  external_id text collate "C",
  attributes jsonb not null,
  active boolean not null,
  disabled_at timestamp with time zone,
  version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  deleted_at timestamp with time zone,
  purge_at timestamp with time zone,
  constraint directory_user_pkey PRIMARY KEY (project_id, end_user_id),
  constraint directory_user_project_id_directory_id_fkey FOREIGN KEY (project_id, directory_id) REFERENCES auth.directory(project_id, id) ON DELETE CASCADE,
  constraint directory_user_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
CREATE INDEX directory_user_by_creation ON auth.directory_user USING btree (project_id, directory_id, created_at, end_user_id);
CREATE INDEX directory_user_by_external_id ON auth.directory_user USING btree (project_id, directory_id, external_id);
CREATE UNIQUE INDEX directory_user_by_name ON auth.directory_user USING btree (project_id, directory_id, user_name_key) WHERE (deleted_at IS NULL);
CREATE INDEX directory_user_purge ON auth.directory_user USING btree (purge_at) WHERE (purge_at IS NOT NULL);
alter table auth.directory_user enable row level security;
alter table auth.directory_user force row level security;
create policy maintenance on auth.directory_user to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_user to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.directory_user to portico_control, portico_data, portico_maintenance;
grant select (project_id) on table auth.directory_user to portico_worker;
grant select (end_user_id) on table auth.directory_user to portico_worker;
grant select (deleted_at) on table auth.directory_user to portico_worker;

create table auth.directory_user_email (
  project_id uuid not null,
  end_user_id uuid not null,
  directory_id uuid not null,
  email_key text collate "C" not null,
  constraint directory_user_email_pkey PRIMARY KEY (project_id, directory_id, email_key, end_user_id),
  constraint directory_user_email_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.directory_user(project_id, end_user_id) ON DELETE CASCADE
);
CREATE INDEX directory_user_email_by_user ON auth.directory_user_email USING btree (project_id, end_user_id);
alter table auth.directory_user_email enable row level security;
alter table auth.directory_user_email force row level security;
create policy maintenance on auth.directory_user_email to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.directory_user_email to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select on table auth.directory_user_email to portico_control, portico_data;
grant delete, insert, select, update on table auth.directory_user_email to portico_maintenance;

create table auth.domain (
  project_id uuid not null,
  id uuid not null,
  hostname text not null,
  verification_token text not null,
  verified_at timestamp with time zone,
  created_at timestamp with time zone not null,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  proof_missing_since timestamp with time zone,
  points_here_since timestamp with time zone,
  main_at timestamp with time zone,
  constraint domain_pkey PRIMARY KEY (project_id, id),
  constraint domain_project_id_hostname_key UNIQUE (project_id, hostname)
);
CREATE UNIQUE INDEX domain_verified_hostname ON auth.domain USING btree (hostname) WHERE (verified_at IS NOT NULL);
alter table auth.domain enable row level security;
alter table auth.domain force row level security;
create policy maintenance on auth.domain to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.domain to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.domain to portico_control, portico_maintenance;
grant select on table auth.domain to portico_data;
grant select, update on table auth.domain to portico_worker;

create table auth.email_challenge (
  project_id uuid not null,
  id uuid not null,
  purpose text not null,
  address text not null,
  address_typed text not null,
  link_digest bytea,
  code_digest bytea,
  attempts integer default 0 not null,
  create_user boolean default false not null,
  redirect_to text,
  code_challenge text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  code_expires_at timestamp with time zone,
  consumed_at timestamp with time zone,
  voided_at timestamp with time zone,
  constraint email_challenge_pkey PRIMARY KEY (project_id, id),
  constraint email_challenge_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint email_challenge_purpose_check CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'email_confirm'::text])))
);
CREATE INDEX email_challenge_by_address ON auth.email_challenge USING btree (project_id, address, purpose, created_at DESC);
CREATE UNIQUE INDEX email_challenge_by_link ON auth.email_challenge USING btree (project_id, link_digest) WHERE (link_digest IS NOT NULL);
CREATE INDEX email_challenge_expiry ON auth.email_challenge USING btree (expires_at);
alter table auth.email_challenge enable row level security;
alter table auth.email_challenge force row level security;
create policy maintenance on auth.email_challenge to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.email_challenge to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select, update on table auth.email_challenge to portico_control, portico_data;
grant delete, insert, select, update on table auth.email_challenge to portico_maintenance;
grant insert, select, update on table auth.email_challenge to portico_worker;

create table auth.email_domain (
  project_id uuid not null,
  id uuid not null,
  organization_id uuid,
  domain text not null,
  verification_token text not null,
  verified_at timestamp with time zone,
  connection_id uuid,
  created_at timestamp with time zone not null,
  constraint email_domain_pkey PRIMARY KEY (project_id, id),
  constraint email_domain_project_id_organization_id_domain_key UNIQUE NULLS NOT DISTINCT (project_id, organization_id, domain),
  constraint email_domain_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint email_domain_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE,
  constraint email_domain_check CHECK (((connection_id IS NULL) OR (verified_at IS NOT NULL)))
);
CREATE INDEX email_domain_by_connection ON auth.email_domain USING btree (project_id, connection_id) WHERE (connection_id IS NOT NULL);
CREATE UNIQUE INDEX email_domain_verified ON auth.email_domain USING btree (project_id, domain) WHERE (verified_at IS NOT NULL);
alter table auth.email_domain enable row level security;
alter table auth.email_domain force row level security;
create policy maintenance on auth.email_domain to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.email_domain to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.email_domain to portico_control, portico_data, portico_maintenance;
grant select on table auth.email_domain to portico_worker;

create table auth.end_user (
  project_id uuid not null,
  id uuid not null,
  email text collate "C" not null,
  email_typed text not null,
  email_verified_at timestamp with time zone,
  password_hash text,
  metadata jsonb default '{}'::jsonb not null,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  last_sign_in_at timestamp with time zone,
  has_details boolean default false not null,
  links_void_before timestamp with time zone,
  pending_email text,
  pending_email_requested_at timestamp with time zone,
  email_change_void_before timestamp with time zone,
  sign_up_challenge text,
  first_sign_in_at timestamp with time zone,
  email_domain text collate "C" generated always as (split_part(email, '@'::text, 2)) stored not null,
  sign_in_order timestamp with time zone generated always as (COALESCE(last_sign_in_at, '-infinity'::timestamp with time zone)) stored not null,
  app_metadata jsonb default '{}'::jsonb not null,
  constraint end_user_pkey PRIMARY KEY (project_id, id),
  constraint end_user_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
) with (fillfactor=85);
CREATE INDEX end_user_by_creation ON auth.end_user USING btree (project_id, created_at, id) WHERE (created_at > '-infinity'::timestamp with time zone);
CREATE INDEX end_user_by_domain ON auth.end_user USING btree (project_id, email_domain, created_at, id) WHERE (created_at > '-infinity'::timestamp with time zone);
CREATE UNIQUE INDEX end_user_by_email ON auth.end_user USING btree (project_id, email) WHERE (email <> ''::text);
CREATE INDEX end_user_by_sign_in ON auth.end_user USING btree (project_id, sign_in_order, id) WHERE (created_at > '-infinity'::timestamp with time zone);
CREATE INDEX end_user_disabled ON auth.end_user USING btree (project_id, created_at, id) WHERE (disabled_at IS NOT NULL);
CREATE INDEX end_user_unconfirmed ON auth.end_user USING btree (project_id, created_at, id) WHERE (email_verified_at IS NULL);
alter table auth.end_user enable row level security;
alter table auth.end_user force row level security;
create policy maintenance on auth.end_user to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.end_user to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.end_user to portico_control, portico_maintenance;
grant delete, select on table auth.end_user to portico_data;
grant select on table auth.end_user to portico_worker;
grant insert (project_id), update (project_id) on table auth.end_user to portico_data;
grant update (project_id) on table auth.end_user to portico_worker;
grant insert (id), update (id) on table auth.end_user to portico_data;
grant update (id) on table auth.end_user to portico_worker;
grant insert (email), update (email) on table auth.end_user to portico_data;
grant update (email) on table auth.end_user to portico_worker;
grant insert (email_typed), update (email_typed) on table auth.end_user to portico_data;
grant update (email_typed) on table auth.end_user to portico_worker;
grant insert (email_verified_at), update (email_verified_at) on table auth.end_user to portico_data;
grant update (email_verified_at) on table auth.end_user to portico_worker;
grant insert (password_hash), update (password_hash) on table auth.end_user to portico_data;
grant update (password_hash) on table auth.end_user to portico_worker;
grant insert (metadata), update (metadata) on table auth.end_user to portico_data;
grant update (metadata) on table auth.end_user to portico_worker;
grant insert (disabled_at), update (disabled_at) on table auth.end_user to portico_data;
grant update (disabled_at) on table auth.end_user to portico_worker;
grant insert (created_at), update (created_at) on table auth.end_user to portico_data;
grant update (created_at) on table auth.end_user to portico_worker;
grant insert (updated_at), update (updated_at) on table auth.end_user to portico_data;
grant update (updated_at) on table auth.end_user to portico_worker;
grant insert (last_sign_in_at), update (last_sign_in_at) on table auth.end_user to portico_data;
grant update (last_sign_in_at) on table auth.end_user to portico_worker;
grant insert (has_details), update (has_details) on table auth.end_user to portico_data;
grant update (has_details) on table auth.end_user to portico_worker;
grant insert (links_void_before), update (links_void_before) on table auth.end_user to portico_data;
grant update (links_void_before) on table auth.end_user to portico_worker;
grant insert (pending_email), update (pending_email) on table auth.end_user to portico_data;
grant update (pending_email) on table auth.end_user to portico_worker;
grant insert (pending_email_requested_at), update (pending_email_requested_at) on table auth.end_user to portico_data;
grant update (pending_email_requested_at) on table auth.end_user to portico_worker;
grant insert (email_change_void_before), update (email_change_void_before) on table auth.end_user to portico_data;
grant update (email_change_void_before) on table auth.end_user to portico_worker;
grant insert (sign_up_challenge), update (sign_up_challenge) on table auth.end_user to portico_data;
grant update (sign_up_challenge) on table auth.end_user to portico_worker;
grant insert (first_sign_in_at), update (first_sign_in_at) on table auth.end_user to portico_data;
grant update (first_sign_in_at) on table auth.end_user to portico_worker;

create sequence auth.event_number;
grant usage on sequence auth.event_number to portico_control, portico_data, portico_worker;
grant update, usage on sequence auth.event_number to portico_maintenance;

create table auth.exchange_code (
  project_id uuid not null,
  digest bytea not null,
  end_user_id uuid not null,
  purpose text not null,
  amr text[] default '{}'::text[] not null,
  payload jsonb default '{}'::jsonb not null,
  code_challenge text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone,
  constraint exchange_code_pkey PRIMARY KEY (project_id, digest),
  constraint exchange_code_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint exchange_code_purpose_check CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'link'::text])))
);
CREATE INDEX exchange_code_by_end_user ON auth.exchange_code USING btree (end_user_id);
CREATE INDEX exchange_code_expiry ON auth.exchange_code USING btree (expires_at);
alter table auth.exchange_code enable row level security;
alter table auth.exchange_code force row level security;
create policy maintenance on auth.exchange_code to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.exchange_code to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select, update on table auth.exchange_code to portico_control;
grant insert, select, update on table auth.exchange_code to portico_data;
grant delete, insert, select, update on table auth.exchange_code to portico_maintenance;

create table auth.factor (
  project_id uuid not null,
  id uuid not null,
  end_user_id uuid not null,
  type text not null,
  friendly_name text,
  sealed bytea not null,
  last_accepted_step bigint,
  created_at timestamp with time zone not null,
  activated_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint factor_pkey PRIMARY KEY (project_id, id),
  constraint factor_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint factor_type_check CHECK ((type = 'totp'::text))
);
CREATE INDEX factor_by_end_user ON auth.factor USING btree (end_user_id);
alter table auth.factor enable row level security;
alter table auth.factor force row level security;
create policy maintenance on auth.factor to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.factor to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, select, update on table auth.factor to portico_control;
grant delete, insert, select, update on table auth.factor to portico_data, portico_maintenance;

create table auth.hook (
  project_id uuid not null,
  hook text not null,
  id uuid not null,
  url text not null,
  secret_sealed bytea not null,
  on_failure text default 'deny'::text not null,
  enabled boolean default true not null,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint hook_pkey PRIMARY KEY (project_id, hook),
  constraint hook_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint hook_on_failure_check CHECK ((on_failure = ANY (ARRAY['deny'::text, 'allow'::text])))
);
alter table auth.hook enable row level security;
alter table auth.hook force row level security;
create policy maintenance on auth.hook to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.hook to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.hook to portico_control, portico_maintenance;

create table auth.hourly_count (
  project_id uuid not null,
  hour timestamp with time zone not null,
  kind text not null,
  detail text default ''::text not null,
  count bigint not null,
  constraint hourly_count_pkey PRIMARY KEY (project_id, hour, kind, detail),
  constraint hourly_count_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX hourly_count_by_hour ON auth.hourly_count USING btree (hour);
alter table auth.hourly_count enable row level security;
alter table auth.hourly_count force row level security;
create policy maintenance on auth.hourly_count to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.hourly_count to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.hourly_count to portico_control;
grant delete, insert, select, update on table auth.hourly_count to portico_maintenance;

create table auth.identity (
  project_id uuid not null,
  provider text not null,
  subject text not null,
  end_user_id uuid not null,
  email text,
  email_verified boolean default false not null,
  profile jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  last_sign_in_at timestamp with time zone,
  constraint identity_pkey PRIMARY KEY (project_id, provider, subject),
  constraint identity_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
CREATE INDEX identity_by_end_user ON auth.identity USING btree (end_user_id);
alter table auth.identity enable row level security;
alter table auth.identity force row level security;
create policy maintenance on auth.identity to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.identity to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.identity to portico_control, portico_data, portico_maintenance;

create table auth.instance (
  project_id uuid not null,
  id uuid not null,
  name text,
  metadata jsonb default '{}'::jsonb not null,
  env_version integer not null,
  kids text[] default '{}'::text[] not null,
  booted_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  reads text[],
  constraint instance_pkey PRIMARY KEY (project_id, id),
  constraint instance_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX instance_by_boot ON auth.instance USING btree (project_id, booted_at DESC, id);
alter table auth.instance enable row level security;
alter table auth.instance force row level security;
create policy maintenance on auth.instance to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.instance to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.instance to portico_control, portico_maintenance;
grant select on table auth.instance to portico_worker;

create table auth.key_rotation (
  project_id uuid not null,
  from_kid text not null,
  to_kid text not null,
  new_standby_kid text not null,
  started_at timestamp with time zone not null,
  deadline_at timestamp with time zone not null,
  constraint key_rotation_pkey PRIMARY KEY (project_id),
  constraint key_rotation_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint key_rotation_project_id_from_kid_fkey FOREIGN KEY (project_id, from_kid) REFERENCES auth.signing_key(project_id, kid),
  constraint key_rotation_project_id_new_standby_kid_fkey FOREIGN KEY (project_id, new_standby_kid) REFERENCES auth.signing_key(project_id, kid),
  constraint key_rotation_project_id_to_kid_fkey FOREIGN KEY (project_id, to_kid) REFERENCES auth.signing_key(project_id, kid)
);
alter table auth.key_rotation enable row level security;
alter table auth.key_rotation force row level security;
create policy maintenance on auth.key_rotation to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.key_rotation to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.key_rotation to portico_control, portico_maintenance, portico_worker;

create table auth.mail_sender (
  project_id uuid not null,
  id uuid not null,
  kind text not null,
  from_address text not null,
  config jsonb default '{}'::jsonb not null,
  secret_sealed bytea,
  state text not null,
  failing_code text,
  failing_detail text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint mail_sender_pkey PRIMARY KEY (project_id),
  constraint mail_sender_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint mail_sender_kind_check CHECK ((kind = ANY (ARRAY['smtp'::text, 'resend'::text, 'resend_domain'::text]))),
  constraint mail_sender_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'ready'::text, 'failing'::text])))
);
alter table auth.mail_sender enable row level security;
alter table auth.mail_sender force row level security;
create policy maintenance on auth.mail_sender to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.mail_sender to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.mail_sender to portico_control, portico_maintenance;

create table auth.mail_template (
  project_id uuid not null,
  template text not null,
  locale text not null,
  version integer not null,
  subject text not null,
  text_part text not null,
  html_part text not null,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  failed_at timestamp with time zone,
  constraint mail_template_pkey PRIMARY KEY (project_id, template, locale, version),
  constraint mail_template_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.mail_template enable row level security;
alter table auth.mail_template force row level security;
create policy maintenance on auth.mail_template to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.mail_template to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select, update on table auth.mail_template to portico_control;
grant select on table auth.mail_template to portico_data, portico_worker;
grant delete, insert, select, update on table auth.mail_template to portico_maintenance;
grant update (failed_at) on table auth.mail_template to portico_worker;

create table auth.oauth_flow (
  project_id uuid not null,
  state_digest bytea not null,
  provider text not null,
  browser_digest bytea not null,
  nonce text not null,
  verifier_sealed bytea not null,
  redirect_to text,
  app_state text,
  code_challenge text,
  link_end_user_id uuid,
  mailed_digest bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone,
  constraint oauth_flow_pkey PRIMARY KEY (project_id, state_digest),
  constraint oauth_flow_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint oauth_flow_project_id_link_end_user_id_fkey FOREIGN KEY (project_id, link_end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
CREATE INDEX oauth_flow_by_link ON auth.oauth_flow USING btree (link_end_user_id) WHERE (link_end_user_id IS NOT NULL);
CREATE INDEX oauth_flow_expiry ON auth.oauth_flow USING btree (expires_at);
alter table auth.oauth_flow enable row level security;
alter table auth.oauth_flow force row level security;
create policy maintenance on auth.oauth_flow to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.oauth_flow to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select, update on table auth.oauth_flow to portico_control;
grant insert, select, update on table auth.oauth_flow to portico_data;
grant delete, insert, select, update on table auth.oauth_flow to portico_maintenance;

create table auth.one_time_token (
  project_id uuid not null,
  digest bytea not null,
  purpose text not null,
  end_user_id uuid not null,
  payload jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone,
  voided_at timestamp with time zone,
  constraint one_time_token_pkey PRIMARY KEY (project_id, digest),
  constraint one_time_token_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint one_time_token_purpose_check CHECK ((purpose = ANY (ARRAY['password_reset'::text, 'email_confirm'::text, 'email_change'::text, 'email_change_undo'::text, 'invitation'::text, 'account_recovery'::text, 'device_report'::text])))
);
CREATE INDEX one_time_token_by_end_user ON auth.one_time_token USING btree (end_user_id, purpose);
CREATE INDEX one_time_token_expiry ON auth.one_time_token USING btree (expires_at);
alter table auth.one_time_token enable row level security;
alter table auth.one_time_token force row level security;
create policy maintenance on auth.one_time_token to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.one_time_token to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select, update on table auth.one_time_token to portico_control, portico_data, portico_worker;
grant delete, insert, select, update on table auth.one_time_token to portico_maintenance;

create table auth.organization (
  project_id uuid not null,
  id uuid not null,
  name text not null,
  slug text not null,
  logo_url text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint organization_pkey PRIMARY KEY (project_id, id),
  constraint organization_project_id_slug_key UNIQUE (project_id, slug),
  constraint organization_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX organization_by_age ON auth.organization USING btree (project_id, created_at DESC, id DESC);
CREATE INDEX organization_by_name ON auth.organization USING btree (project_id, name, id);
alter table auth.organization enable row level security;
alter table auth.organization force row level security;
create policy maintenance on auth.organization to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.organization to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.organization to portico_control, portico_data, portico_maintenance;
grant select on table auth.organization to portico_worker;

create table auth.organization_invitation (
  project_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  email text not null,
  role text not null,
  invited_by text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint organization_invitation_pkey PRIMARY KEY (project_id, id),
  constraint organization_invitation_project_id_organization_id_email_key UNIQUE (project_id, organization_id, email),
  constraint organization_invitation_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE
);
CREATE INDEX organization_invitation_by_email ON auth.organization_invitation USING btree (project_id, email);
CREATE INDEX organization_invitation_expiry ON auth.organization_invitation USING btree (expires_at);
alter table auth.organization_invitation enable row level security;
alter table auth.organization_invitation force row level security;
create policy maintenance on auth.organization_invitation to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.organization_invitation to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.organization_invitation to portico_control, portico_data, portico_maintenance;
grant select on table auth.organization_invitation to portico_worker;

create table auth.organization_membership (
  project_id uuid not null,
  organization_id uuid not null,
  end_user_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint organization_membership_pkey PRIMARY KEY (project_id, organization_id, end_user_id),
  constraint organization_membership_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint organization_membership_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE
);
CREATE INDEX organization_membership_by_end_user ON auth.organization_membership USING btree (end_user_id);
alter table auth.organization_membership enable row level security;
alter table auth.organization_membership force row level security;
create policy maintenance on auth.organization_membership to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.organization_membership to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.organization_membership to portico_control, portico_data, portico_maintenance;

create table auth.organization_role (
  project_id uuid not null,
  id uuid not null,
  key text not null,
  organization_id uuid,
  name text not null,
  permissions text[] not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint organization_role_pkey PRIMARY KEY (project_id, id),
  constraint organization_role_project_id_key_organization_id_key UNIQUE NULLS NOT DISTINCT (project_id, key, organization_id),
  constraint organization_role_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint organization_role_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE
);
alter table auth.organization_role enable row level security;
alter table auth.organization_role force row level security;
create policy maintenance on auth.organization_role to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.organization_role to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.organization_role to portico_control, portico_data, portico_maintenance;
grant select on table auth.organization_role to portico_worker;

create table auth.outbox (
  project_id uuid not null,
  id uuid not null,
  kind text not null,
  payload jsonb default '{}'::jsonb not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  provider_id text,
  last_error text,
  created_at timestamp with time zone not null,
  next_attempt_at timestamp with time zone not null,
  enqueued_at timestamp with time zone,
  done_at timestamp with time zone,
  leased_until timestamp with time zone,
  last_detail text,
  delivery text,
  delivery_at timestamp with time zone,
  traceparent text,
  constraint outbox_pkey PRIMARY KEY (project_id, id),
  constraint outbox_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint outbox_delivery_check CHECK ((delivery = ANY (ARRAY['delayed'::text, 'delivered'::text, 'bounced'::text, 'complained'::text]))),
  constraint outbox_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'enqueued'::text, 'sent'::text, 'skipped'::text, 'not_sent'::text, 'dead'::text])))
);
CREATE INDEX outbox_done ON auth.outbox USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX outbox_due ON auth.outbox USING btree (project_id, next_attempt_at) WHERE (status = ANY (ARRAY['pending'::text, 'enqueued'::text]));
CREATE INDEX outbox_recent ON auth.outbox USING btree (project_id, created_at DESC, id DESC);
alter table auth.outbox enable row level security;
alter table auth.outbox force row level security;
create policy maintenance on auth.outbox to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.outbox to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.outbox to portico_control, portico_data;
grant delete, insert, select, update on table auth.outbox to portico_maintenance;
grant insert, select, update on table auth.outbox to portico_worker;
grant update (last_error) on table auth.outbox to portico_control;
grant update (last_detail) on table auth.outbox to portico_control;
grant update (delivery) on table auth.outbox to portico_control;
grant update (delivery_at) on table auth.outbox to portico_control;

create table auth.pending_sign_in (
  project_id uuid not null,
  digest bytea not null,
  end_user_id uuid not null,
  kind text not null,
  amr text[] not null,
  password_digest bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  organization_id uuid,
  sso jsonb,
  constraint pending_sign_in_pkey PRIMARY KEY (project_id, digest),
  constraint pending_sign_in_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint pending_sign_in_kind_check CHECK ((kind = ANY (ARRAY['verify'::text, 'enrol'::text])))
);
CREATE INDEX pending_sign_in_by_end_user ON auth.pending_sign_in USING btree (end_user_id);
CREATE INDEX pending_sign_in_expiry ON auth.pending_sign_in USING btree (expires_at);
alter table auth.pending_sign_in enable row level security;
alter table auth.pending_sign_in force row level security;
create policy maintenance on auth.pending_sign_in to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.pending_sign_in to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select on table auth.pending_sign_in to portico_control;
grant delete, insert, select, update on table auth.pending_sign_in to portico_data, portico_maintenance;

create table auth.people_day (
  project_id uuid not null,
  day date not null,
  people bigint not null,
  counted_at timestamp with time zone not null,
  constraint people_day_pkey PRIMARY KEY (project_id, day),
  constraint people_day_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.people_day enable row level security;
alter table auth.people_day force row level security;
create policy maintenance on auth.people_day to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.people_day to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.people_day to portico_maintenance;

create table auth.project_total (
  project_id uuid not null,
  people bigint default 0 not null,
  confirmed bigint default 0 not null,
  disabled bigint default 0 not null,
  open_sessions bigint default 0 not null,
  counted_at timestamp with time zone,
  count_ms integer default 0 not null,
  stale boolean default true not null,
  constraint project_total_pkey PRIMARY KEY (project_id),
  constraint project_total_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX project_total_stale ON auth.project_total USING btree (project_id) WHERE stale;
alter table auth.project_total enable row level security;
alter table auth.project_total force row level security;
create policy maintenance on auth.project_total to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.project_total to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.project_total to portico_control;
grant delete, insert, select, update on table auth.project_total to portico_maintenance;

create table auth.provider_config (
  project_id uuid not null,
  provider text not null,
  client_id text not null,
  secret_sealed bytea not null,
  issuer text,
  scopes text[],
  extra jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint provider_config_pkey PRIMARY KEY (project_id, provider),
  constraint provider_config_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.provider_config enable row level security;
alter table auth.provider_config force row level security;
create policy maintenance on auth.provider_config to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.provider_config to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.provider_config to portico_control, portico_maintenance;
grant select on table auth.provider_config to portico_data, portico_worker;

create table auth.recovery_code (
  project_id uuid not null,
  end_user_id uuid not null,
  digest bytea not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint recovery_code_pkey PRIMARY KEY (project_id, end_user_id, digest),
  constraint recovery_code_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
alter table auth.recovery_code enable row level security;
alter table auth.recovery_code force row level security;
create policy maintenance on auth.recovery_code to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.recovery_code to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, select on table auth.recovery_code to portico_control;
grant delete, insert, select, update on table auth.recovery_code to portico_data, portico_maintenance;

create table auth.runtime_variable (
  project_id uuid not null,
  name text not null,
  sealed bytea not null,
  updated_at timestamp with time zone not null,
  constraint runtime_variable_pkey PRIMARY KEY (project_id, name),
  constraint runtime_variable_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.runtime_variable enable row level security;
alter table auth.runtime_variable force row level security;
create policy maintenance on auth.runtime_variable to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.runtime_variable to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.runtime_variable to portico_control, portico_maintenance;

create table auth.saml_assertion (
  project_id uuid not null,
  connection_id uuid not null,
  digest bytea not null,
  expires_at timestamp with time zone not null,
  constraint saml_assertion_pkey PRIMARY KEY (project_id, connection_id, digest),
  constraint saml_assertion_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES auth.sso_connection(project_id, id) ON DELETE CASCADE
);
CREATE INDEX saml_assertion_expiry ON auth.saml_assertion USING btree (expires_at);
alter table auth.saml_assertion enable row level security;
alter table auth.saml_assertion force row level security;
create policy maintenance on auth.saml_assertion to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.saml_assertion to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.saml_assertion to portico_data;
grant delete, insert, select, update on table auth.saml_assertion to portico_maintenance;

create table auth.service (
  project_id uuid not null,
  enabled boolean default false not null,
  first_enabled_at timestamp with time zone,
  settings jsonb default '{}'::jsonb not null,
  env_version integer default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  token_key_sealed bytea,
  sign_ups_paused text,
  constraint service_pkey PRIMARY KEY (project_id),
  constraint service_sign_ups_paused_check CHECK ((sign_ups_paused = ANY (ARRAY['max_people'::text, 'max_monthly_active'::text])))
);
alter table auth.service enable row level security;
alter table auth.service force row level security;
create policy maintenance on auth.service to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.service to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select, update on table auth.service to portico_control, portico_worker;
grant delete, insert, select, update on table auth.service to portico_maintenance;

create table auth.session (
  project_id uuid not null,
  id uuid not null,
  end_user_id uuid not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  auth_time timestamp with time zone not null,
  expires_at timestamp with time zone,
  ended_at timestamp with time zone,
  end_reason text,
  ip text,
  user_agent text,
  amr text[] not null,
  factor_verified_at timestamp with time zone,
  generation integer default 0 not null,
  rotated_at timestamp with time zone,
  late_at timestamp with time zone,
  day_used_at timestamp with time zone,
  organization_id uuid,
  device_print text,
  constraint session_pkey PRIMARY KEY (project_id, id),
  constraint session_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE INDEX session_by_end_user ON auth.session USING btree (end_user_id);
CREATE INDEX session_ended ON auth.session USING btree (ended_at) WHERE (ended_at IS NOT NULL);
alter table auth.session enable row level security;
alter table auth.session force row level security;
create policy maintenance on auth.session to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.session to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select, update on table auth.session to portico_control, portico_data;
grant delete, insert, select, update on table auth.session to portico_maintenance;

create table auth.session_claims (
  project_id uuid not null,
  session_id uuid not null,
  claims jsonb not null,
  constraint session_claims_pkey PRIMARY KEY (project_id, session_id),
  constraint session_claims_project_id_session_id_fkey FOREIGN KEY (project_id, session_id) REFERENCES auth.session(project_id, id) ON DELETE CASCADE
);
alter table auth.session_claims enable row level security;
alter table auth.session_claims force row level security;
create policy maintenance on auth.session_claims to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.session_claims to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.session_claims to portico_control, portico_data;
grant delete, insert, select, update on table auth.session_claims to portico_maintenance;

create table auth.setup_link (
  project_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  connection_id uuid,
  token_digest bytea not null,
  holder_digest bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  opened_at timestamp with time zone,
  finished_at timestamp with time zone,
  revoked_at timestamp with time zone,
  made_by uuid,
  constraint setup_link_pkey PRIMARY KEY (project_id, id),
  constraint setup_link_project_id_holder_digest_key UNIQUE (project_id, holder_digest),
  constraint setup_link_project_id_token_digest_key UNIQUE (project_id, token_digest),
  constraint setup_link_project_id_made_by_fkey FOREIGN KEY (project_id, made_by) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE,
  constraint setup_link_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE
);
CREATE INDEX setup_link_by_connection ON auth.setup_link USING btree (project_id, connection_id);
CREATE INDEX setup_link_by_maker ON auth.setup_link USING btree (project_id, made_by) WHERE (made_by IS NOT NULL);
CREATE INDEX setup_link_by_organization ON auth.setup_link USING btree (project_id, organization_id, created_at DESC, id DESC);
CREATE INDEX setup_link_expiry ON auth.setup_link USING btree (expires_at);
alter table auth.setup_link enable row level security;
alter table auth.setup_link force row level security;
create policy maintenance on auth.setup_link to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.setup_link to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select, update on table auth.setup_link to portico_control;
grant insert, select on table auth.setup_link to portico_data;
grant delete, insert, select, update on table auth.setup_link to portico_maintenance;
grant update (connection_id) on table auth.setup_link to portico_data;
grant update (holder_digest) on table auth.setup_link to portico_data;
grant update (opened_at) on table auth.setup_link to portico_data;
grant update (finished_at) on table auth.setup_link to portico_data;
grant update (revoked_at) on table auth.setup_link to portico_data;

create table auth.signing_key (
  project_id uuid not null,
  kid text not null,
  alg text not null,
  state text not null,
  sealed bytea not null,
  public_jwk jsonb,
  created_at timestamp with time zone not null,
  activated_at timestamp with time zone,
  retired_at timestamp with time zone,
  verify_until timestamp with time zone,
  max_ttl_seconds integer default 3600 not null,
  constraint signing_key_pkey PRIMARY KEY (project_id, kid),
  constraint signing_key_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint signing_key_alg_check CHECK ((alg = ANY (ARRAY['HS256'::text, 'ES256'::text]))),
  constraint signing_key_state_check CHECK ((state = ANY (ARRAY['standby'::text, 'current'::text, 'retired'::text])))
);
CREATE UNIQUE INDEX signing_key_current ON auth.signing_key USING btree (project_id) WHERE (state = 'current'::text);
alter table auth.signing_key enable row level security;
alter table auth.signing_key force row level security;
create policy maintenance on auth.signing_key to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.signing_key to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.signing_key to portico_control, portico_maintenance;
grant select, update on table auth.signing_key to portico_worker;

create table auth.sso_attempt (
  project_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  test boolean not null,
  ticket_digest bytea,
  state text not null,
  report jsonb,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  constraint sso_attempt_pkey PRIMARY KEY (project_id, id),
  constraint sso_attempt_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES auth.sso_connection(project_id, id) ON DELETE CASCADE,
  constraint sso_attempt_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'started'::text, 'accepted'::text, 'refused'::text])))
);
CREATE INDEX sso_attempt_by_connection ON auth.sso_attempt USING btree (project_id, connection_id, test, created_at);
CREATE INDEX sso_attempt_expiry ON auth.sso_attempt USING btree (expires_at);
CREATE UNIQUE INDEX sso_attempt_ticket ON auth.sso_attempt USING btree (project_id, ticket_digest) WHERE (ticket_digest IS NOT NULL);
alter table auth.sso_attempt enable row level security;
alter table auth.sso_attempt force row level security;
create policy maintenance on auth.sso_attempt to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_attempt to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.sso_attempt to portico_control, portico_data, portico_maintenance;

create table auth.sso_break_glass (
  project_id uuid not null,
  end_user_id uuid not null,
  created_at timestamp with time zone not null,
  constraint sso_break_glass_pkey PRIMARY KEY (project_id, end_user_id),
  constraint sso_break_glass_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
alter table auth.sso_break_glass enable row level security;
alter table auth.sso_break_glass force row level security;
create policy maintenance on auth.sso_break_glass to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_break_glass to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select on table auth.sso_break_glass to portico_control;
grant select on table auth.sso_break_glass to portico_data;
grant delete, insert, select, update on table auth.sso_break_glass to portico_maintenance;

create table auth.sso_certificate_notice (
  project_id uuid not null,
  connection_id uuid not null,
  fingerprint text not null,
  days integer not null,
  created_at timestamp with time zone not null,
  constraint sso_certificate_notice_pkey PRIMARY KEY (project_id, connection_id, fingerprint, days),
  constraint sso_certificate_notice_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES auth.sso_connection(project_id, id) ON DELETE CASCADE,
  constraint sso_certificate_notice_days_check CHECK ((days = ANY (ARRAY[1, 7, 30])))
);
alter table auth.sso_certificate_notice enable row level security;
alter table auth.sso_certificate_notice force row level security;
create policy maintenance on auth.sso_certificate_notice to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_certificate_notice to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.sso_certificate_notice to portico_maintenance;
grant insert, select on table auth.sso_certificate_notice to portico_worker;

create table auth.sso_connection (
  project_id uuid not null,
  id uuid not null,
  organization_id uuid,
  protocol text not null,
  name text not null,
  state text not null,
  config jsonb not null,
  secret_sealed bytea,
  enforce boolean default false not null,
  local_login boolean default true not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  checked_at timestamp with time zone,
  constraint sso_connection_pkey PRIMARY KEY (project_id, id),
  constraint sso_connection_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint sso_connection_project_id_organization_id_fkey FOREIGN KEY (project_id, organization_id) REFERENCES auth.organization(project_id, id) ON DELETE CASCADE,
  constraint sso_connection_protocol_check CHECK ((protocol = ANY (ARRAY['oidc'::text, 'saml'::text]))),
  constraint sso_connection_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'testing'::text, 'active'::text])))
);
CREATE INDEX sso_connection_by_organization ON auth.sso_connection USING btree (project_id, organization_id);
CREATE INDEX sso_connection_due ON auth.sso_connection USING btree (checked_at NULLS FIRST) WHERE (protocol = 'saml'::text);
CREATE INDEX sso_connection_enforced ON auth.sso_connection USING btree (project_id) WHERE (enforce AND (state = 'active'::text));
alter table auth.sso_connection enable row level security;
alter table auth.sso_connection force row level security;
create policy maintenance on auth.sso_connection to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_connection to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.sso_connection to portico_control, portico_data, portico_maintenance;
grant select on table auth.sso_connection to portico_worker;
grant update (config) on table auth.sso_connection to portico_worker;
grant update (updated_at) on table auth.sso_connection to portico_worker;

create table auth.sso_key (
  project_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  certificate text not null,
  sealed bytea not null,
  signs boolean not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint sso_key_pkey PRIMARY KEY (project_id, id),
  constraint sso_key_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES auth.sso_connection(project_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_key_by_connection ON auth.sso_key USING btree (project_id, connection_id, created_at);
CREATE UNIQUE INDEX sso_key_signing ON auth.sso_key USING btree (project_id, connection_id) WHERE signs;
alter table auth.sso_key enable row level security;
alter table auth.sso_key force row level security;
create policy maintenance on auth.sso_key to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_key to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.sso_key to portico_control, portico_maintenance;
grant insert, select on table auth.sso_key to portico_data;
grant select on table auth.sso_key to portico_worker;

create table auth.sso_session (
  project_id uuid not null,
  session_id uuid not null,
  connection_id uuid not null,
  name_digest bytea not null,
  session_index text,
  constraint sso_session_pkey PRIMARY KEY (project_id, session_id),
  constraint sso_session_project_id_connection_id_fkey FOREIGN KEY (project_id, connection_id) REFERENCES auth.sso_connection(project_id, id) ON DELETE CASCADE,
  constraint sso_session_project_id_session_id_fkey FOREIGN KEY (project_id, session_id) REFERENCES auth.session(project_id, id) ON DELETE CASCADE
);
CREATE INDEX sso_session_by_name ON auth.sso_session USING btree (project_id, connection_id, name_digest);
alter table auth.sso_session enable row level security;
alter table auth.sso_session force row level security;
create policy maintenance on auth.sso_session to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.sso_session to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant insert, select on table auth.sso_session to portico_control, portico_data;
grant delete, insert, select, update on table auth.sso_session to portico_maintenance;

create table auth.suppressed_address (
  project_id uuid not null,
  address text not null,
  reason text not null,
  since timestamp with time zone not null,
  constraint suppressed_address_pkey PRIMARY KEY (project_id, address),
  constraint suppressed_address_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint suppressed_address_reason_check CHECK ((reason = ANY (ARRAY['bounced'::text, 'complained'::text])))
);
alter table auth.suppressed_address enable row level security;
alter table auth.suppressed_address force row level security;
create policy maintenance on auth.suppressed_address to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.suppressed_address to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.suppressed_address to portico_control, portico_maintenance;
grant delete, select on table auth.suppressed_address to portico_data;
grant insert, select, update on table auth.suppressed_address to portico_worker;

create table auth.unlinked_identity (
  project_id uuid not null,
  provider text not null,
  subject text not null,
  end_user_id uuid not null,
  unlinked_at timestamp with time zone not null,
  constraint unlinked_identity_pkey PRIMARY KEY (project_id, provider, subject, end_user_id),
  constraint unlinked_identity_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
CREATE INDEX unlinked_identity_by_end_user ON auth.unlinked_identity USING btree (end_user_id);
alter table auth.unlinked_identity enable row level security;
alter table auth.unlinked_identity force row level security;
create policy maintenance on auth.unlinked_identity to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.unlinked_identity to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select on table auth.unlinked_identity to portico_control, portico_data;
grant delete, insert, select, update on table auth.unlinked_identity to portico_maintenance;

create table auth.usage_threshold (
  project_id uuid not null,
  metric text not null,
  month date not null,
  percent integer not null,
  reached_at timestamp with time zone not null,
  constraint usage_threshold_pkey PRIMARY KEY (project_id, metric, month, percent),
  constraint usage_threshold_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
alter table auth.usage_threshold enable row level security;
alter table auth.usage_threshold force row level security;
create policy maintenance on auth.usage_threshold to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.usage_threshold to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.usage_threshold to portico_maintenance;

create table auth.webauthn_challenge (
  project_id uuid not null,
  digest bytea not null,
  purpose text not null,
  bound_to text not null,
  rp_id text not null,
  expires_at timestamp with time zone not null,
  constraint webauthn_challenge_pkey PRIMARY KEY (project_id, digest),
  constraint webauthn_challenge_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint webauthn_challenge_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign_in'::text, 'second_factor'::text])))
);
CREATE INDEX webauthn_challenge_by_binding ON auth.webauthn_challenge USING btree (bound_to) WHERE (bound_to <> ''::text);
CREATE INDEX webauthn_challenge_expiry ON auth.webauthn_challenge USING btree (expires_at);
alter table auth.webauthn_challenge enable row level security;
alter table auth.webauthn_challenge force row level security;
create policy maintenance on auth.webauthn_challenge to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.webauthn_challenge to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, select on table auth.webauthn_challenge to portico_control;
grant delete, insert, select, update on table auth.webauthn_challenge to portico_data, portico_maintenance;

create table auth.webauthn_credential (
  project_id uuid not null,
  id uuid not null,
  end_user_id uuid not null,
  credential_id bytea not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] default '{}'::text[] not null,
  aaguid uuid,
  backup_eligible boolean not null,
  backed_up boolean not null,
  rp_id text not null,
  friendly_name text not null,
  user_agent text,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  discoverable boolean,
  user_verified boolean default false not null,
  constraint webauthn_credential_pkey PRIMARY KEY (project_id, id),
  constraint webauthn_credential_project_id_credential_id_key UNIQUE (project_id, credential_id),
  constraint webauthn_credential_project_id_end_user_id_fkey FOREIGN KEY (project_id, end_user_id) REFERENCES auth.end_user(project_id, id) ON DELETE CASCADE
);
CREATE INDEX webauthn_credential_by_end_user ON auth.webauthn_credential USING btree (end_user_id, created_at);
alter table auth.webauthn_credential enable row level security;
alter table auth.webauthn_credential force row level security;
create policy maintenance on auth.webauthn_credential to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.webauthn_credential to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, select on table auth.webauthn_credential to portico_control;
grant delete, insert, select, update on table auth.webauthn_credential to portico_data, portico_maintenance;

create table auth.webhook_delivery (
  project_id uuid not null,
  id uuid default gen_random_uuid() not null,
  endpoint_id uuid not null,
  message_id text not null,
  subject text,
  number bigint not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone not null,
  log jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone not null,
  done_at timestamp with time zone,
  traceparent text,
  constraint webhook_delivery_pkey PRIMARY KEY (project_id, id),
  constraint webhook_delivery_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint webhook_delivery_project_id_message_id_fkey FOREIGN KEY (project_id, message_id) REFERENCES auth.webhook_message(project_id, id) ON DELETE CASCADE,
  constraint webhook_delivery_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE INDEX webhook_delivery_by_endpoint ON auth.webhook_delivery USING btree (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_delivery_by_message ON auth.webhook_delivery USING btree (project_id, message_id);
CREATE INDEX webhook_delivery_by_time ON auth.webhook_delivery USING btree (created_at);
CREATE INDEX webhook_delivery_due ON auth.webhook_delivery USING btree (endpoint_id, next_attempt_at, number) WHERE (status = 'pending'::text);
CREATE INDEX webhook_delivery_order ON auth.webhook_delivery USING btree (project_id, endpoint_id, subject, number) WHERE (status = 'pending'::text);
alter table auth.webhook_delivery enable row level security;
alter table auth.webhook_delivery force row level security;
create policy maintenance on auth.webhook_delivery to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.webhook_delivery to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.webhook_delivery to portico_control, portico_maintenance;

create table auth.webhook_endpoint (
  project_id uuid not null,
  id uuid not null,
  url text not null,
  description text default ''::text not null,
  types text[] default '{}'::text[] not null,
  ordering text default 'none'::text not null,
  secret_sealed bytea not null,
  disabled_at timestamp with time zone,
  disabled_reason text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_endpoint_pkey PRIMARY KEY (project_id, id),
  constraint webhook_endpoint_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE,
  constraint webhook_endpoint_ordering_check CHECK ((ordering = ANY (ARRAY['none'::text, 'user'::text])))
);
CREATE INDEX webhook_endpoint_by_id ON auth.webhook_endpoint USING btree (id);
alter table auth.webhook_endpoint enable row level security;
alter table auth.webhook_endpoint force row level security;
create policy maintenance on auth.webhook_endpoint to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.webhook_endpoint to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant delete, insert, select, update on table auth.webhook_endpoint to portico_control, portico_maintenance;

create table auth.webhook_message (
  project_id uuid not null,
  id text not null,
  type text not null,
  body text not null,
  created_at timestamp with time zone not null,
  constraint webhook_message_pkey PRIMARY KEY (project_id, id),
  constraint webhook_message_project_id_fkey FOREIGN KEY (project_id) REFERENCES auth.service(project_id) ON DELETE CASCADE
);
CREATE INDEX webhook_message_by_time ON auth.webhook_message USING btree (created_at);
alter table auth.webhook_message enable row level security;
alter table auth.webhook_message force row level security;
create policy maintenance on auth.webhook_message to portico_maintenance using (true) with check (true);
create policy project_isolation on auth.webhook_message to portico_control, portico_data, portico_worker using ((project_id = auth.current_project_id())) with check ((project_id = auth.current_project_id()));
grant select on table auth.webhook_message to portico_control;
grant delete, insert, select, update on table auth.webhook_message to portico_maintenance;

create table limits.rate_limit (
  key character varying(255) not null,
  points integer default 0 not null,
  expire bigint,
  constraint rate_limit_pkey PRIMARY KEY (key)
);
CREATE INDEX rate_limit_expiry ON limits.rate_limit USING btree (expire);
grant delete, insert, select, update on table limits.rate_limit to portico_control, portico_data, portico_maintenance, portico_worker;

create table limits.test_clock (
  id smallint default 1 not null,
  moved_ms bigint not null,
  constraint test_clock_pkey PRIMARY KEY (id),
  constraint test_clock_id_check CHECK ((id = 1))
);
grant insert, select, update on table limits.test_clock to portico_control, portico_data, portico_worker;

create table metering.audit_stream (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  config jsonb not null,
  secret_sealed bytea not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone not null,
  leased_until timestamp with time zone,
  failing_since timestamp with time zone,
  problem text,
  delivered_at timestamp with time zone,
  parts bigint default 0 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint audit_stream_pkey PRIMARY KEY (tenant_id),
  constraint audit_stream_id_key UNIQUE (id),
  constraint audit_stream_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint audit_stream_kind_check CHECK ((kind = ANY (ARRAY['https'::text, 's3'::text])))
);
grant delete, insert, select, update on table metering.audit_stream to portico_maintenance;

create table metering.audit_stream_place (
  stream_id uuid not null,
  subject_id uuid not null,
  seq bigint not null,
  signature_seq bigint not null,
  constraint audit_stream_place_pkey PRIMARY KEY (stream_id, subject_id),
  constraint audit_stream_place_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES metering.audit_stream(id) ON DELETE CASCADE
);
grant delete, insert, select, update on table metering.audit_stream_place to portico_maintenance;

create table metering.event_reader (
  only_row boolean default true not null,
  handed_on bigint default 0 not null,
  complete_at timestamp with time zone,
  constraint event_reader_pkey PRIMARY KEY (only_row),
  constraint event_reader_only_row_check CHECK (only_row)
);
grant insert, select, update on table metering.event_reader to portico_maintenance;

create table metering.tenant_audit (
  tenant_id uuid not null,
  seq bigint default 0 not null,
  head bytea,
  key bytea not null,
  cut_seq bigint default 0 not null,
  cut_jws text,
  retention_days integer,
  constraint tenant_audit_pkey PRIMARY KEY (tenant_id),
  constraint tenant_audit_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint tenant_audit_retention_days_check CHECK (((retention_days >= 30) AND (retention_days <= 3650)))
);
grant delete, insert, select, update on table metering.tenant_audit to portico_maintenance;

create table metering.tenant_audit_link (
  tenant_id uuid not null,
  seq bigint not null,
  event_id uuid not null,
  leaf bytea not null,
  commitment bytea not null,
  head bytea not null,
  chained_at timestamp with time zone not null,
  constraint tenant_audit_link_pkey PRIMARY KEY (tenant_id, seq),
  constraint tenant_audit_link_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
grant delete, insert, select, update on table metering.tenant_audit_link to portico_maintenance;

create table metering.tenant_audit_signature (
  tenant_id uuid not null,
  seq bigint not null,
  day date not null,
  kid text not null,
  jws text not null,
  created_at timestamp with time zone not null,
  constraint tenant_audit_signature_pkey PRIMARY KEY (tenant_id, seq),
  constraint tenant_audit_signature_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
grant delete, insert, select, update on table metering.tenant_audit_signature to portico_maintenance;

create table metering.tenant_hourly_count (
  tenant_id uuid not null,
  hour timestamp with time zone not null,
  kind text not null,
  detail text default ''::text not null,
  count bigint not null,
  constraint tenant_hourly_count_pkey PRIMARY KEY (tenant_id, hour, kind, detail),
  constraint tenant_hourly_count_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
CREATE INDEX tenant_hourly_count_by_hour ON metering.tenant_hourly_count USING btree (hour);
grant select on table metering.tenant_hourly_count to portico_control;
grant delete, insert, select, update on table metering.tenant_hourly_count to portico_maintenance;

create table metering.tenant_total (
  tenant_id uuid not null,
  projects bigint default 0 not null,
  people bigint default 0 not null,
  confirmed bigint default 0 not null,
  counted_at timestamp with time zone not null,
  constraint tenant_total_pkey PRIMARY KEY (tenant_id),
  constraint tenant_total_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
grant select on table metering.tenant_total to portico_control;
grant insert, select, update on table metering.tenant_total to portico_maintenance;

create table platform.api_key (
  id uuid not null,
  tenant_id uuid not null,
  name text not null,
  prefix text not null,
  digest bytea not null,
  scopes text[] not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null,
  project_ids uuid[] default '{}'::uuid[] not null,
  read_only boolean default false not null,
  user_id uuid,
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_digest_key UNIQUE (digest),
  constraint api_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
CREATE INDEX api_key_by_tenant ON platform.api_key USING btree (tenant_id, created_at DESC, id);
grant delete, insert, select, update on table platform.api_key to portico_control;
grant select on table platform.api_key to portico_maintenance;

create table platform.audit_event (
  id uuid default gen_random_uuid() not null,
  tenant_id uuid not null,
  action text not null,
  actor_type text not null,
  actor_id text,
  resource text not null,
  resource_id text,
  ip text,
  user_agent text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  tx xid8 default pg_current_xact_id(),
  number bigint default nextval('auth.event_number'::regclass),
  waiting boolean default true,
  traceparent text default NULLIF(current_setting('portico.traceparent'::text, true), ''::text),
  constraint audit_event_pkey PRIMARY KEY (id),
  constraint audit_event_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
CREATE INDEX audit_event_by_tenant ON platform.audit_event USING btree (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_event_waiting ON platform.audit_event USING btree (number) WHERE waiting;
grant insert, select on table platform.audit_event to portico_control;
grant delete, insert, select on table platform.audit_event to portico_maintenance;
grant update (waiting) on table platform.audit_event to portico_maintenance;

create table platform.audit_key (
  kid text not null,
  public_jwk jsonb not null,
  created_at timestamp with time zone not null,
  constraint audit_key_pkey PRIMARY KEY (kid)
);
grant select on table platform.audit_key to portico_control;
grant insert, select on table platform.audit_key to portico_maintenance;

create table platform.console (
  only_row boolean default true not null,
  tenant_id uuid not null,
  people_project_id uuid not null,
  access text,
  setup_digests bytea[] default '{}'::bytea[] not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  demo_tenant_id uuid,
  constraint console_pkey PRIMARY KEY (only_row),
  constraint console_demo_tenant_id_fkey FOREIGN KEY (demo_tenant_id) REFERENCES platform.tenant(id),
  constraint console_people_project_id_fkey FOREIGN KEY (people_project_id) REFERENCES platform.project(id),
  constraint console_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id),
  constraint console_access_check CHECK ((access = ANY (ARRAY['open'::text, 'token'::text, 'password'::text, 'oidc'::text]))),
  constraint console_only_row_check CHECK (only_row)
);
grant insert, select, update on table platform.console to portico_control;
grant select on table platform.console to portico_maintenance;

create table platform.console_session (
  id uuid not null,
  digest bytea not null,
  kind text not null,
  tenant_id uuid not null,
  user_id uuid,
  auth_session_id uuid,
  api_key_id uuid,
  token_digest bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint console_session_pkey PRIMARY KEY (id),
  constraint console_session_digest_key UNIQUE (digest),
  constraint console_session_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES platform.api_key(id) ON DELETE CASCADE,
  constraint console_session_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint console_session_check CHECK (((num_nonnulls(user_id, api_key_id, token_digest) = 1) AND ((user_id IS NULL) = (auth_session_id IS NULL)))),
  constraint console_session_kind_check CHECK ((kind = ANY (ARRAY['local'::text, 'oidc'::text, 'token'::text, 'api_key'::text])))
);
CREATE INDEX console_session_by_key ON platform.console_session USING btree (api_key_id) WHERE (api_key_id IS NOT NULL);
CREATE INDEX console_session_by_tenant ON platform.console_session USING btree (tenant_id);
CREATE INDEX console_session_by_user ON platform.console_session USING btree (user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX console_session_expiry ON platform.console_session USING btree (expires_at);
grant delete, insert, select, update on table platform.console_session to portico_control;

create table platform.device_login (
  id uuid not null,
  device_digest bytea not null,
  user_code text not null,
  client_name text not null,
  ip text,
  user_agent text,
  state text not null,
  interval_seconds integer not null,
  polled_at timestamp with time zone,
  tenant_id uuid,
  decided_by text,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint device_login_pkey PRIMARY KEY (id),
  constraint device_login_device_digest_key UNIQUE (device_digest),
  constraint device_login_user_code_key UNIQUE (user_code),
  constraint device_login_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint device_login_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'denied'::text, 'redeemed'::text])))
);
CREATE INDEX device_login_expiry ON platform.device_login USING btree (expires_at);
grant delete, insert, select, update on table platform.device_login to portico_control;
grant delete, select on table platform.device_login to portico_maintenance;

create table platform.idempotency_record (
  tenant_id uuid not null,
  key text not null,
  request_digest bytea not null,
  answer_status integer,
  answer_sealed bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint idempotency_record_pkey PRIMARY KEY (tenant_id, key),
  constraint idempotency_record_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
CREATE INDEX idempotency_record_expiry ON platform.idempotency_record USING btree (expires_at);
grant delete, insert, select, update on table platform.idempotency_record to portico_control;
grant delete, select, update on table platform.idempotency_record to portico_maintenance;

create table platform.installation (
  only_row boolean default true not null,
  canary bytea not null,
  created_at timestamp with time zone default now() not null,
  constraint installation_pkey PRIMARY KEY (only_row),
  constraint installation_only_row_check CHECK (only_row)
);
grant select on table platform.installation to portico_control, portico_maintenance;
grant update (canary) on table platform.installation to portico_control;

create table platform.mail_sender (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  from_address text not null,
  config jsonb default '{}'::jsonb not null,
  secret_sealed bytea,
  state text not null,
  failing_code text,
  failing_detail text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint mail_sender_pkey PRIMARY KEY (tenant_id),
  constraint mail_sender_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint mail_sender_kind_check CHECK ((kind = ANY (ARRAY['smtp'::text, 'resend'::text, 'resend_domain'::text]))),
  constraint mail_sender_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'ready'::text, 'failing'::text])))
);
grant delete, insert, select, update on table platform.mail_sender to portico_maintenance;

create table platform.member (
  tenant_id uuid not null,
  user_id uuid not null,
  role text not null,
  break_glass boolean default false not null,
  source text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint member_pkey PRIMARY KEY (tenant_id, user_id),
  constraint member_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint member_source_check CHECK ((source = ANY (ARRAY['team'::text, 'oidc'::text])))
);
CREATE INDEX member_by_user ON platform.member USING btree (user_id);
grant delete, insert, select, update on table platform.member to portico_control;
grant select on table platform.member to portico_maintenance;

create table platform.project (
  id uuid not null,
  tenant_id uuid not null,
  name text not null,
  slug text not null,
  resource_type text default 'project'::text not null,
  external_project_id text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  archived_at timestamp with time zone,
  constraint project_pkey PRIMARY KEY (id),
  constraint project_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint project_resource_type_check CHECK ((resource_type = ANY (ARRAY['project'::text, 'sandbox'::text, 'deployment'::text])))
);
CREATE INDEX project_by_tenant ON platform.project USING btree (tenant_id, created_at DESC, id);
CREATE UNIQUE INDEX project_external_id ON platform.project USING btree (tenant_id, resource_type, external_project_id) WHERE ((archived_at IS NULL) AND (external_project_id IS NOT NULL));
CREATE UNIQUE INDEX project_slug ON platform.project USING btree (tenant_id, slug) WHERE (archived_at IS NULL);
CREATE TRIGGER create_service AFTER INSERT ON platform.project FOR EACH ROW EXECUTE FUNCTION auth.create_service();
grant delete, insert, select, update on table platform.project to portico_control;
grant delete, select, update on table platform.project to portico_maintenance;

create table platform.role (
  tenant_id uuid not null,
  name text not null,
  description text not null,
  permissions text[] not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint role_pkey PRIMARY KEY (tenant_id, name),
  constraint role_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE
);
grant delete, insert, select, update on table platform.role to portico_control;

create table platform.tenant (
  id uuid not null,
  name text not null,
  slug text not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint tenant_pkey PRIMARY KEY (id),
  constraint tenant_slug_key UNIQUE (slug)
);
grant delete, insert, select, update on table platform.tenant to portico_control;
grant select on table platform.tenant to portico_maintenance;

create table platform.webhook_endpoint (
  id uuid not null,
  tenant_id uuid not null,
  url text not null,
  description text default ''::text not null,
  types text[] default '{}'::text[] not null,
  project_ids uuid[] default '{}'::uuid[] not null,
  ordering text default 'none'::text not null,
  secret_sealed bytea not null,
  disabled_at timestamp with time zone,
  disabled_reason text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint webhook_endpoint_pkey PRIMARY KEY (id),
  constraint webhook_endpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint webhook_endpoint_ordering_check CHECK ((ordering = ANY (ARRAY['none'::text, 'user'::text])))
);
CREATE INDEX webhook_endpoint_by_tenant ON platform.webhook_endpoint USING btree (tenant_id, created_at DESC, id);
grant delete, insert, select, update on table platform.webhook_endpoint to portico_control;
grant select, update on table platform.webhook_endpoint to portico_maintenance;

create table platform.webhook_replay (
  id uuid not null,
  tenant_id uuid not null,
  of_project uuid,
  endpoint_id uuid not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  types text[] not null,
  status text default 'running'::text not null,
  reading uuid,
  place_at timestamp with time zone not null,
  place_id uuid default '00000000-0000-0000-0000-000000000000'::uuid not null,
  deliveries integer default 0 not null,
  created_at timestamp with time zone not null,
  worked_at timestamp with time zone not null,
  done_at timestamp with time zone,
  constraint webhook_replay_pkey PRIMARY KEY (id),
  constraint webhook_replay_of_project_fkey FOREIGN KEY (of_project) REFERENCES platform.project(id) ON DELETE CASCADE,
  constraint webhook_replay_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES platform.tenant(id) ON DELETE CASCADE,
  constraint webhook_replay_status_check CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text, 'full'::text])))
);
CREATE INDEX webhook_replay_by_endpoint ON platform.webhook_replay USING btree (endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_replay_by_project ON platform.webhook_replay USING btree (of_project);
CREATE INDEX webhook_replay_by_tenant ON platform.webhook_replay USING btree (tenant_id, created_at);
CREATE INDEX webhook_replay_by_time ON platform.webhook_replay USING btree (created_at);
CREATE INDEX webhook_replay_due ON platform.webhook_replay USING btree (worked_at) WHERE (status = 'running'::text);
CREATE UNIQUE INDEX webhook_replay_running ON platform.webhook_replay USING btree (endpoint_id) WHERE (status = 'running'::text);
grant delete, insert, select, update on table platform.webhook_replay to portico_maintenance;

create table public._portico_functions (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null,
  constraint _portico_functions_pkey PRIMARY KEY (name)
);

create table public._prisma_migrations (
  id character varying(36) not null,
  checksum character varying(64) not null,
  finished_at timestamp with time zone,
  migration_name character varying(255) not null,
  logs text,
  rolled_back_at timestamp with time zone,
  started_at timestamp with time zone default now() not null,
  applied_steps_count integer default 0 not null,
  constraint _prisma_migrations_pkey PRIMARY KEY (id)
);

CREATE OR REPLACE FUNCTION auth.active_factors(p_project uuid, p_user uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return (
  select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'type', f.type, 'friendly_name', f.friendly_name) order by f.created_at, f.id),
    '[]'::jsonb)
  from (
    select t.id, t.type, t.friendly_name, t.created_at from auth.factor t
      where t.project_id = p_project and t.end_user_id = p_user and t.activated_at is not null
    union all
    select c.id, 'webauthn', c.friendly_name, c.created_at from auth.webauthn_credential c
      where c.project_id = p_project and c.end_user_id = p_user
  ) f);
end $function$;
grant execute on function auth.active_factors to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.add_counts(p_kind text, p_projects uuid[], p_details text[], p_weights bigint[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_known uuid[];
begin
  -- A purged one has nothing to add to.
  select array_agg(s.project_id) into v_known from auth.service s where s.project_id = any (p_projects);
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select c.project_id, date_trunc('hour', p_now, 'UTC'), p_kind, c.detail, sum(coalesce(c.weight, 1))
    from unnest(p_projects, p_details, p_weights) c (project_id, detail, weight)
    where c.project_id = any (v_known)
    group by 1, 4 order by 1, 4
  on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
end $function$;
alter function auth.add_counts owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.adopt_token_key(p_project uuid, p_sealed bytea)
 RETURNS bytea
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update auth.service s set token_key_sealed = p_sealed where s.project_id = p_project and s.token_key_sealed is null;
  return (select s.token_key_sealed from auth.service s where s.project_id = p_project);
end $function$;
alter function auth.adopt_token_key owner to portico_maintenance;
grant execute on function auth.adopt_token_key to portico_data;

CREATE OR REPLACE FUNCTION auth.audit_hashes(p_events auth.handed_event[], p_keys bytea[], OUT commitments bytea[], OUT leaves bytea[])
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
begin
  select array_agg(h.commitment order by h.place), array_agg(sha256(convert_to(h.fields, 'UTF8') || h.commitment) order by h.place)
    into commitments, leaves from (
      select e.place, sha256(sha256(e.key || uuid_send(e.id)) || convert_to(
          coalesce(octet_length(e.ip) || ':' || e.ip, '-') || coalesce(octet_length(e.user_agent) || ':' || e.user_agent, '-'),
          'UTF8')) as commitment,
        octet_length(e.id::text) || ':' || e.id
          || coalesce(octet_length(e.action) || ':' || e.action, '-')
          || coalesce(octet_length(e.actor_type) || ':' || e.actor_type, '-')
          || coalesce(octet_length(e.actor_id) || ':' || e.actor_id, '-')
          || coalesce(octet_length(e.resource) || ':' || e.resource, '-')
          || coalesce(octet_length(e.resource_id) || ':' || e.resource_id, '-')
          || coalesce(octet_length(e.metadata::text) || ':' || e.metadata::text, '-')
          || '27:' || to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fields
      from rows from (unnest(p_events), unnest(p_keys)) with ordinality e (number, project_id, tenant_id, id, action, actor_type, actor_id,
        resource, resource_id, ip, user_agent, metadata, created_at, traceparent, end_user_id, made_at, email_verified_at,
        first_sign_in_at, key, place)
      offset 0) h;
end $function$;
grant execute on function auth.audit_hashes to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.audit_keys()
 RETURNS TABLE(public_jwk jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select k.public_jwk from platform.audit_key k order by k.created_at;
end $function$;
alter function auth.audit_keys owner to portico_maintenance;
grant execute on function auth.audit_keys to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.audit_line(p_seq bigint, p_id uuid, p_leaf bytea, p_commitment bytea, p_head bytea, p_key bytea, p_action text, p_actor_type text, p_actor_id text, p_resource text, p_resource_id text, p_metadata jsonb, p_created_at timestamp with time zone, p_ip text, p_user_agent text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if p_action is null then
    return json_build_object('type', 'stub', 'seq', p_seq, 'leaf', encode(p_leaf, 'hex'), 'head', encode(p_head, 'hex'))::text;
  end if;
  return json_build_object('seq', p_seq, 'id', p_id, 'action', p_action, 'actor_type', p_actor_type, 'actor_id', p_actor_id,
    'resource', p_resource, 'resource_id', p_resource_id, 'metadata', p_metadata::text,
    'created_at', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'ip', p_ip, 'user_agent', p_user_agent,
    'salt', encode(sha256(p_key || uuid_send(p_id)), 'hex'), 'commitment', encode(p_commitment, 'hex'), 'leaf', encode(p_leaf, 'hex'),
    'head', encode(p_head, 'hex'), 'type', 'event')::text;
end $function$;
grant execute on function auth.audit_line to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.audit_lines(p_kind text, p_subject uuid, p_after bigint, p_limit integer)
 RETURNS TABLE(seq bigint, head text, line text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  if p_kind = 'proj' then
    return query
    select l.seq, encode(l.head, 'hex'), auth.audit_line(l.seq, l.event_id, l.leaf, l.commitment, l.head,
        case when e.erased is not true then k.key end, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata,
        e.created_at, e.ip, e.user_agent)
      from auth.audit_link l
      left join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
      left join auth.audit_person_key k on k.project_id = l.project_id
        and k.end_user_id = auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id)
      where l.project_id = p_subject and l.seq > p_after order by l.seq limit p_limit;
  else
    return query
    select l.seq, encode(l.head, 'hex'), auth.audit_line(l.seq, l.event_id, l.leaf, l.commitment, l.head, c.key, e.action, e.actor_type,
        e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at, e.ip, e.user_agent)
      from metering.tenant_audit_link l join metering.tenant_audit c on c.tenant_id = l.tenant_id
      left join platform.audit_event e on e.id = l.event_id and e.tenant_id = l.tenant_id
      where l.tenant_id = p_subject and l.seq > p_after order by l.seq limit p_limit;
  end if;
end $function$;
alter function auth.audit_lines owner to portico_maintenance;
grant execute on function auth.audit_lines to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.audit_person(p_actor_type text, p_actor_id text, p_resource text, p_resource_id text)
 RETURNS uuid
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  v_id text := case when p_actor_type = 'end_user' then p_actor_id
    when p_resource = 'end_user' and p_actor_type not in ('api_key', 'platform_user') then p_resource_id end;
begin
  -- A regular expression that counts costs many times as much.
  return case when v_id like '________-____-____-____-____________' and v_id !~ '[^0-9a-f-]' and length(replace(v_id, '-', '')) = 32
      then v_id::uuid
    else '00000000-0000-0000-0000-000000000000'::uuid end;
end $function$;
grant execute on function auth.audit_person to portico_control, portico_maintenance;

CREATE OR REPLACE FUNCTION auth.audit_retention(p_tenant uuid)
 RETURNS integer
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return (select t.retention_days from metering.tenant_audit t where t.tenant_id = p_tenant);
end $function$;
alter function auth.audit_retention owner to portico_maintenance;
grant execute on function auth.audit_retention to portico_control;

CREATE OR REPLACE FUNCTION auth.audit_statements(p_kind text, p_subject uuid, p_after bigint, p_to bigint)
 RETURNS TABLE(type text, seq bigint, line text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  if p_kind = 'proj' then
    return query select 'retention', c.cut_seq, json_build_object('type', 'retention', 'seq', c.cut_seq, 'jws', c.cut_jws)::text
      from auth.audit_chain c where c.project_id = p_subject and c.cut_jws is not null;
    return query select 'erasure', null::bigint, json_build_object('type', 'erasure', 'jws', x.jws)::text from auth.audit_erasure x
      where x.project_id = p_subject and exists (
        select from auth.audit_link l join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
        where l.project_id = p_subject and l.seq > p_after and l.seq <= p_to and e.erased
          and auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) = x.end_user_id)
      order by x.created_at;
    return query select 'signature', g.seq, json_build_object('type', 'signature', 'seq', g.seq, 'jws', g.jws)::text
      from auth.audit_signature g where g.project_id = p_subject and g.seq > p_after and g.seq <= p_to order by g.seq;
  else
    return query select 'retention', c.cut_seq, json_build_object('type', 'retention', 'seq', c.cut_seq, 'jws', c.cut_jws)::text
      from metering.tenant_audit c where c.tenant_id = p_subject and c.cut_jws is not null;
    return query select 'signature', g.seq, json_build_object('type', 'signature', 'seq', g.seq, 'jws', g.jws)::text
      from metering.tenant_audit_signature g where g.tenant_id = p_subject and g.seq > p_after and g.seq <= p_to order by g.seq;
  end if;
end $function$;
alter function auth.audit_statements owner to portico_maintenance;
grant execute on function auth.audit_statements to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.audit_stream(p_tenant uuid)
 RETURNS TABLE(id uuid, kind text, config jsonb, secret_sealed bytea, failing_since timestamp with time zone, problem text, delivered_at timestamp with time zone, parts bigint, behind bigint, next_attempt_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_projects uuid[];
  v_chained bigint;
begin
  v_projects := array(select p.id from platform.project p where p.tenant_id = p_tenant);
  select sum(c.seq) into v_chained from auth.audit_chain c where c.project_id = any (v_projects);
  v_chained := coalesce(v_chained, 0) + coalesce((select c.seq from metering.tenant_audit c where c.tenant_id = p_tenant), 0);
  -- Of a project that was purged nothing is behind.
  return query select s.id, s.kind, s.config, s.secret_sealed, s.failing_since, s.problem, s.delivered_at, s.parts,
    greatest(0, v_chained - coalesce((select sum(w.seq) from metering.audit_stream_place w
      where w.stream_id = s.id and w.subject_id = any (v_projects || p_tenant)), 0))::bigint,
    s.next_attempt_at, s.created_at, s.updated_at
  from metering.audit_stream s where s.tenant_id = p_tenant;
end $function$;
alter function auth.audit_stream owner to portico_maintenance;
grant execute on function auth.audit_stream to portico_control;

CREATE OR REPLACE FUNCTION auth.backend_key(p_digest bytea, p_project uuid, p_now timestamp with time zone)
 RETURNS SETOF text[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query
  select k.scopes from platform.api_key k join platform.project p on p.tenant_id = k.tenant_id
    where k.digest = p_digest and p.id = p_project and not k.read_only
      and (cardinality(k.project_ids) = 0 or p_project = any (k.project_ids)) and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > p_now);
end $function$;
alter function auth.backend_key owner to portico_maintenance;
grant execute on function auth.backend_key to portico_data;

CREATE OR REPLACE FUNCTION auth.boot_instance(p_project uuid, p_id uuid, p_name text, p_metadata jsonb, p_now timestamp with time zone, p_reads text[] DEFAULT NULL::text[], p_by jsonb DEFAULT NULL::jsonb)
 RETURNS TABLE(env_version integer, enabled boolean, keys jsonb, variables jsonb, rotation_from text, rotation_to text, rotation_standby text, issuer_host text)
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_service auth.service;
  v_rotation auth.key_rotation;
  v_kids text[];
  v_boots bigint;
begin
  -- Shared lock: a rotation or an enable that runs now waits, so the instance's kids and env_version agree with what it was given.
  select s.* into v_service from auth.service s where s.project_id = p_project for share;
  if not found then
    return;
  end if;
  select r.* into v_rotation from auth.key_rotation r where r.project_id = p_project;
  -- What the environment holds: the key that signs, and the one that signs next. The standby for the time after an open rotation is not
  -- given out yet.
  select coalesce(array_agg(k.kid), '{}') into v_kids from auth.signing_key k
    where k.project_id = p_project and v_service.enabled
      and (k.state = 'current' or (k.state = 'standby' and k.kid = coalesce(v_rotation.to_kid, k.kid)));
  insert into auth.instance (project_id, id, name, metadata, env_version, kids, reads, booted_at, last_seen_at)
    values (p_project, p_id, p_name, p_metadata, v_service.env_version, v_kids, p_reads, p_now, p_now);
  -- Whoever boots is handed the secret, so each boot leaves a row. A crash loop leaves a thousand in an hour, then one in each tenfold with
  -- the number.
  select count(*) into v_boots from (select from auth.instance i
    where i.project_id = p_project and i.booted_at > p_now - interval '1 hour' limit 100001) hour;
  if v_boots <= 1000 or v_boots in (10000, 100000) then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'instance.booted', coalesce(p_by->>'type', 'system'), p_by->>'id', 'instance', p_by->>'instance', p_by->>'ip',
        p_by->>'user_agent', jsonb_build_object('boots', v_boots, 'env_version', v_service.env_version, 'secret', v_service.enabled),
        p_now);
  end if;
  return query select v_service.env_version, v_service.enabled,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'created_at', k.created_at, 'activated_at', k.activated_at, 'retired_at', k.retired_at, 'verify_until', k.verify_until)
          order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p_project), '[]'::jsonb),
    coalesce((select jsonb_agg(jsonb_build_object('name', v.name, 'sealed', encode(v.sealed, 'base64'))) from auth.runtime_variable v
      where v.project_id = p_project), '[]'::jsonb),
    v_rotation.from_kid, v_rotation.to_kid, v_rotation.new_standby_kid,
    (select d.hostname from auth.domain d
      where d.project_id = p_project and d.verified_at is not null and v_service.settings ->> 'token_issuer' = 'main_domain'
      order by d.main_at desc nulls last, d.verified_at, d.hostname limit 1);
end $function$;
grant execute on function auth.boot_instance to portico_control;

CREATE OR REPLACE FUNCTION auth.cancel_webhook_replays(p_owner uuid, p_endpoint uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update platform.webhook_replay r set status = 'cancelled', done_at = p_now
    where r.endpoint_id = p_endpoint and coalesce(r.of_project, r.tenant_id) = p_owner and r.status = 'running';
end $function$;
alter function auth.cancel_webhook_replays owner to portico_maintenance;
grant execute on function auth.cancel_webhook_replays to portico_control;

CREATE OR REPLACE FUNCTION auth.chain_events(p_events auth.handed_event[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  -- In the order of the chains, item by item.
  v_events auth.handed_event[];
  v_of uuid[];
  v_ids uuid[];
  v_people uuid[];
  v_keys bytea[];
  v_commitments bytea[];
  v_leaves bytea[];
  v_seqs bigint[] := '{}';
  v_heads bytea[] := '{}';
  -- Rows of people, of keys and of chains that are there.
  v_some_of uuid[];
  v_some uuid[];
  v_key_of uuid[];
  v_key_person uuid[];
  v_key bytea[];
  v_new bytea[];
  v_chain_of uuid[];
  v_chain_seq bigint[];
  v_chain_head bytea[];
  v_place integer;
  v_rows integer;
  v_seq bigint;
  v_head bytea;
begin
  select array_agg(s.e), array_agg(s.project_id), array_agg(s.id), array_agg(s.person) into v_events, v_of, v_ids, v_people from (
    select e, e.project_id, e.id, auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) as person
    from unnest(p_events) e order by e.project_id, e.number) s;
  -- Of somebody who was erased meanwhile: what a request that was still under way has written about them.
  select array_agg(x.project_id), array_agg(x.end_user_id) into v_some_of, v_some from auth.audit_erasure x
    where x.project_id = any (v_of) and x.end_user_id = any (v_people);
  if v_some is not null then
    select array_agg(e.project_id), array_agg(e.id) into v_some_of, v_some from unnest(v_of, v_ids, v_people) e (project_id, id, person)
      where (e.project_id, e.person) in (select * from unnest(v_some_of, v_some));
    update auth.audit_event e set ip = null, user_agent = null where e.project_id = any (v_some_of) and e.id = any (v_some);
    for i in 1 .. cardinality(v_ids) loop
      if v_ids[i] = any (v_some) then
        v_events[i].ip := null;
        v_events[i].user_agent := null;
      end if;
    end loop;
  end if;
  for v_try in 1 .. 2 loop
    select array_agg(k.project_id), array_agg(k.end_user_id), array_agg(k.key) into v_key_of, v_key_person, v_key
      from auth.audit_person_key k where k.project_id = any (v_of) and k.end_user_id = any (v_people);
    select array_agg(n.project_id), array_agg(n.person), array_agg(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
      into v_some_of, v_some, v_new from (
        select * from unnest(v_of, v_people) e (project_id, person)
        except select * from unnest(v_key_of, v_key_person) order by 1, 2) n;
    exit when v_some is null;
    insert into auth.audit_person_key (project_id, end_user_id, key)
      select n.project_id, n.person, n.key from unnest(v_some_of, v_some, v_new) n (project_id, person, key) on conflict do nothing;
    get diagnostics v_rows = row_count;
    v_key_of := v_key_of || v_some_of;
    v_key_person := v_key_person || v_some;
    v_key := v_key || v_new;
    -- Else somebody else has made one of them meanwhile: it is read.
    exit when v_rows = cardinality(v_some);
  end loop;
  select array_agg(k.key order by e.place) into v_keys from unnest(v_of, v_people) with ordinality e (project_id, person, place)
    join unnest(v_key_of, v_key_person, v_key) k (project_id, person, key) on k.project_id = e.project_id and k.person = e.person;
  select h.commitments, h.leaves into v_commitments, v_leaves from auth.audit_hashes(v_events, v_keys) h;
  select array_agg(c.project_id), array_agg(c.seq), array_agg(c.head) into v_chain_of, v_chain_seq, v_chain_head
    from auth.audit_chain c where c.project_id = any (v_of);
  for i in 1 .. cardinality(v_of) loop
    if i = 1 or v_of[i] <> v_of[i - 1] then
      v_place := array_position(v_chain_of, v_of[i]);
      v_seq := coalesce(v_chain_seq[v_place], 0);
      v_head := coalesce(v_chain_head[v_place], sha256(convert_to('portico/audit/1 ' || v_of[i]::text, 'UTF8')));
    end if;
    v_seq := v_seq + 1;
    v_head := sha256(v_head || int8send(v_seq) || v_leaves[i]);
    v_seqs := v_seqs || v_seq;
    v_heads := v_heads || v_head;
  end loop;
  insert into auth.audit_link (project_id, seq, event_id, leaf, commitment, head, chained_at)
    select l.project_id, l.seq, l.event_id, l.leaf, l.commitment, l.head, p_now
    from unnest(v_of, v_seqs, v_ids, v_leaves, v_commitments, v_heads) l (project_id, seq, event_id, leaf, commitment, head)
    -- There is none: whoever chains is alone. Without it Citus would copy the rows in, which row security forbids.
    on conflict do nothing;
  get diagnostics v_rows = row_count;
  if v_rows <> cardinality(v_of) then
    raise exception 'a place of an audit chain is taken';
  end if;
  insert into auth.audit_chain as c (project_id, seq, head)
    select distinct on (l.project_id) l.project_id, l.seq, l.head from unnest(v_of, v_seqs, v_heads) l (project_id, seq, head)
      order by l.project_id, l.seq desc
    on conflict (project_id) do update set seq = excluded.seq, head = excluded.head;
end $function$;
alter function auth.chain_events owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.chain_tenant_events(p_events auth.handed_event[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_chain metering.tenant_audit;
  v_tenant uuid;
  v_events auth.handed_event[];
  v_commitments bytea[];
  v_leaves bytea[];
begin
  for v_tenant, v_events in
    select e.tenant_id, array_agg(e order by e.number) from unnest(p_events) e group by e.tenant_id order by e.tenant_id
  loop
    insert into metering.tenant_audit (tenant_id, key)
      values (v_tenant, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
    select c.* into v_chain from metering.tenant_audit c where c.tenant_id = v_tenant for update;
    v_chain.head := coalesce(v_chain.head, sha256(convert_to('portico/audit/1 ' || v_tenant::text, 'UTF8')));
    select h.commitments, h.leaves into v_commitments, v_leaves
      from auth.audit_hashes(v_events, array_fill(v_chain.key, array[cardinality(v_events)])) h;
    for i in 1 .. cardinality(v_events) loop
      v_chain.seq := v_chain.seq + 1;
      v_chain.head := sha256(v_chain.head || int8send(v_chain.seq) || v_leaves[i]);
      insert into metering.tenant_audit_link (tenant_id, seq, event_id, leaf, commitment, head, chained_at)
        values (v_tenant, v_chain.seq, v_events[i].id, v_leaves[i], v_commitments[i], v_chain.head, p_now);
    end loop;
    update metering.tenant_audit c set seq = v_chain.seq, head = v_chain.head where c.tenant_id = v_tenant;
  end loop;
end $function$;
alter function auth.chain_tenant_events owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.change_audit_retention(p_tenant uuid, p_days integer, p_audit jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  insert into metering.tenant_audit (tenant_id, key)
    values (p_tenant, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
  update metering.tenant_audit t set retention_days = p_days where t.tenant_id = p_tenant and t.retention_days is distinct from p_days;
  if found then
    perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
  end if;
end $function$;
alter function auth.change_audit_retention owner to portico_maintenance;
grant execute on function auth.change_audit_retention to portico_control;

CREATE OR REPLACE FUNCTION auth.change_tenant_mail_sender(p_tenant uuid, p_sender jsonb, p_secret bytea, p_audit jsonb, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if p_sender is null then
    delete from platform.mail_sender t where t.tenant_id = p_tenant;
    if not found then return false; end if;
  else
    insert into platform.mail_sender as t (tenant_id, id, kind, from_address, config, secret_sealed, state, created_at, updated_at)
      values (p_tenant, (p_sender->>'id')::uuid, p_sender->>'kind', p_sender->>'from_address', p_sender->'config', p_secret,
        p_sender->>'state', p_now, p_now)
      on conflict (tenant_id) do update set id = excluded.id, kind = excluded.kind, from_address = excluded.from_address,
        config = excluded.config, secret_sealed = excluded.secret_sealed, state = excluded.state, failing_code = null,
        failing_detail = null, failing_since = null, updated_at = excluded.updated_at;
  end if;
  insert into platform.audit_event (tenant_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_tenant, p_audit->>'action', p_audit->>'actor_type', p_audit->>'actor_id', 'mail_sender', p_audit->>'resource_id',
      p_audit->>'ip', p_audit->>'user_agent', coalesce(p_audit->'metadata', '{}'), p_now);
  insert into auth.change (project_id, changed_at)
    select p.id, p_now from platform.project p where p.tenant_id = p_tenant on conflict do nothing;
  return true;
end $function$;
alter function auth.change_tenant_mail_sender owner to portico_maintenance;
grant execute on function auth.change_tenant_mail_sender to portico_control;

CREATE OR REPLACE FUNCTION auth.changed_users(p_hours integer, p_limit integer)
 RETURNS TABLE(project_id uuid, end_user_id uuid, changed_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  return query
  select c.project_id, c.end_user_id, greatest(max(c.changed_at), max(c.noted_at)) from auth.change c
  where c.noted_at > now() - make_interval(hours => p_hours) and c.end_user_id is not null
  group by c.project_id, c.end_user_id order by 3 desc limit p_limit;
end $function$;
alter function auth.changed_users owner to portico_maintenance;
grant execute on function auth.changed_users to portico_data;

CREATE OR REPLACE FUNCTION auth.changes_since(p_since timestamp with time zone, p_overlap_seconds integer, p_limit integer)
 RETURNS TABLE(as_of timestamp with time zone, complete boolean, changes json)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  return query
  select now(), count(*) <= p_limit,
    coalesce(json_agg(json_build_array(c.id, c.project_id, c.end_user_id, extract(epoch from c.changed_at))), '[]')
  from (
    select n.id, n.project_id, n.end_user_id, n.changed_at from auth.change n
    where n.noted_at > coalesce(p_since, now()) - make_interval(secs => p_overlap_seconds)
    order by n.noted_at limit p_limit + 1
  ) c;
end $function$;
alter function auth.changes_since owner to portico_maintenance;
grant execute on function auth.changes_since to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.claim_audit_streams(p_now timestamp with time zone, p_lease_seconds integer, p_limit integer)
 RETURNS TABLE(tenant_id uuid, id uuid, kind text, config jsonb, secret_sealed bytea, attempts integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  return query
  update metering.audit_stream s set leased_until = p_now + make_interval(secs => p_lease_seconds)
  where s.tenant_id in (
    select d.tenant_id from metering.audit_stream d
    where d.next_attempt_at <= p_now and (d.leased_until is null or d.leased_until <= p_now)
    order by d.next_attempt_at limit p_limit for update skip locked)
  returning s.tenant_id, s.id, s.kind, s.config, s.secret_sealed, s.attempts;
end $function$;
alter function auth.claim_audit_streams owner to portico_maintenance;
grant execute on function auth.claim_audit_streams to portico_worker;

CREATE OR REPLACE FUNCTION auth.claim_outbox(p_now timestamp with time zone, p_limit integer, p_stuck_seconds integer)
 RETURNS TABLE(project_id uuid, id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_stuck_seconds);
  v_after uuid := '00000000-0000-0000-0000-000000000000';
  v_until uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_first uuid;
  v_wrapped boolean := false;
  v_over boolean := false;
  v_piece integer := 64;
  v_hops boolean := false;
  v_looks integer := 0;
  v_at timestamptz;
  v_rows integer;
  v_some uuid[];
  v_due uuid[];
  v_projects uuid[] := '{}';
  v_project uuid;
  v_share integer;
  v_left integer := p_limit;
  v_of uuid[];
  v_ids uuid[];
begin
  -- Half a second is a quarter of what a statement may take.
  while not v_over and v_left > 0 and clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    v_looks := v_looks + 1;
    -- Where each has a backlog, from one to the next; now and then it is looked whether that is so.
    if v_hops and v_looks % 8 <> 0 then
      v_piece := 1;
      select o.project_id, o.next_attempt_at into v_project, v_at from auth.outbox o
        where o.status in ('pending', 'enqueued') and o.project_id > v_after and o.project_id <= v_until
        order by o.project_id, o.next_attempt_at limit 1;
      v_rows := case when v_project is not null then 1 else 0 end;
      v_some := array[v_project];
      v_due := case when v_at <= p_now then v_some end;
    else
      v_piece := greatest(v_piece, 32);
      select array_agg(w.project_id), array_agg(w.project_id) filter (where w.first_at <= p_now), sum(w.rows)
        into v_some, v_due, v_rows from (
          select p.project_id, min(p.next_attempt_at) as first_at, count(*) as rows from (
            select o.project_id, o.next_attempt_at from auth.outbox o
            where o.status in ('pending', 'enqueued') and o.project_id > v_after and o.project_id <= v_until
            order by o.project_id, o.next_attempt_at limit v_piece) p
          group by p.project_id order by p.project_id) w;
    end if;
    if v_first is null and v_rows = v_piece then
      v_first := gen_random_uuid();
      v_after := v_first;
      continue;
    end if;
    v_projects := v_projects || v_due;
    if v_rows = v_piece then
      v_after := v_some[cardinality(v_some)];
      v_hops := cardinality(v_some) = 1;
      v_piece := least(32 * cardinality(v_some), 4096);
    elsif v_first is null or v_wrapped then
      v_over := true;
    else
      v_wrapped := true;
      v_after := '00000000-0000-0000-0000-000000000000';
      v_until := v_first;
    end if;
    continue when cardinality(v_projects) = 0 or (not v_over and cardinality(v_projects) < v_left);
    v_share := greatest(v_left / cardinality(v_projects), 1);
    v_of := '{}';
    v_ids := '{}';
    foreach v_project in array v_projects loop
      exit when v_left <= 0;
      if v_share >= 8 then
        return query
          update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = v_again
          where o.project_id = v_project and o.id = any (array(
            select d.id from auth.outbox d
            where d.project_id = v_project and d.status in ('pending', 'enqueued') and d.next_attempt_at <= p_now
            order by d.next_attempt_at limit least(v_share, v_left) for update skip locked))
          returning o.project_id, o.id;
        get diagnostics v_rows = row_count;
        v_left := v_left - v_rows;
        continue;
      end if;
      select array_agg(d.id) into v_some from (
        select o.id from auth.outbox o
        where o.project_id = v_project and o.status in ('pending', 'enqueued') and o.next_attempt_at <= p_now
        order by o.next_attempt_at limit least(v_share, v_left) for update skip locked) d;
      continue when v_some is null;
      v_of := v_of || v_project;
      v_ids := v_ids || v_some;
      v_left := v_left - cardinality(v_some);
    end loop;
    if v_ids <> '{}' then
      return query
        update auth.outbox o set status = 'enqueued', enqueued_at = p_now, next_attempt_at = v_again
        where o.project_id = any (v_of) and o.id = any (v_ids) returning o.project_id, o.id;
    end if;
    v_projects := '{}';
  end loop;
end $function$;
alter function auth.claim_outbox owner to portico_maintenance;
grant execute on function auth.claim_outbox to portico_worker;

CREATE OR REPLACE FUNCTION auth.claim_webhooks(p_now timestamp with time zone, p_limit integer, p_share integer, p_lease_seconds integer, p_busy uuid[])
 RETURNS TABLE(project_id uuid, tenant_id uuid, id uuid, endpoint_id uuid, attempt integer, message_id text, url text, secret_sealed bytea, body text, owner_id uuid, traceparent text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_again timestamptz := p_now + make_interval(secs => p_lease_seconds);
  v_first uuid := gen_random_uuid();
  v_after uuid := v_first;
  v_until uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_wrapped boolean := false;
  v_over boolean := false;
  v_hops boolean := true;
  v_piece integer := 32;
  v_due timestamptz;
  v_before integer;
  v_gathered boolean;
  v_rows integer;
  v_some uuid[];
  v_some_of uuid[];
  v_seen bigint[];
  v_at uuid;
  v_owner uuid;
  v_tenant uuid;
  v_ordering text;
  v_url text;
  v_secret bytea;
  v_projects uuid[];
  v_project uuid;
  v_left integer := p_limit;
  v_share integer;
  v_of uuid[] := '{}';
  v_locked uuid[];
  v_ids uuid[] := '{}';
  v_endpoints uuid[] := '{}';
  v_owners uuid[] := '{}';
  v_tenants uuid[] := '{}';
  v_urls text[] := '{}';
  v_secrets bytea[] := '{}';
  v_place integer;
begin
  -- Most of the time nothing waits.
  if (select d.endpoint_id from auth.webhook_delivery d where d.status = 'pending' order by d.endpoint_id limit 1) is null then
    return;
  end if;
  -- Half a second is a quarter of what a statement may take.
  while not v_over and v_left > 0 and clock_timestamp() < statement_timestamp() + interval '500 milliseconds' loop
    -- From one to the next as long as each has many, and by pieces where they have few.
    if v_hops then
      select d.endpoint_id, d.project_id, d.next_attempt_at into v_at, v_project, v_due from auth.webhook_delivery d
        where d.status = 'pending' and d.endpoint_id > v_after and d.endpoint_id <= v_until
        order by d.endpoint_id, d.next_attempt_at limit 1;
      v_rows := case when v_at is not null then 1 else 0 end;
      v_some := case when v_at is not null then array[v_at] end;
      v_some_of := array[case when v_due <= p_now then v_project end];
    else
      select array_agg(w.endpoint_id), array_agg(w.project_id), array_agg(w.rows), sum(w.rows)
        into v_some, v_some_of, v_seen, v_rows from (
        select p.endpoint_id, (array_agg(p.project_id) filter (where p.next_attempt_at <= p_now))[1] as project_id, count(*) as rows from (
          select d.endpoint_id, d.project_id, d.next_attempt_at from auth.webhook_delivery d
          where d.status = 'pending' and d.endpoint_id > v_after and d.endpoint_id <= v_until
          order by d.endpoint_id, d.next_attempt_at limit v_piece) p
        group by p.endpoint_id order by p.endpoint_id) w;
    end if;
    if v_rows = (case when v_hops then 1 else v_piece end) then
      v_after := v_some[cardinality(v_some)];
    elsif v_wrapped then
      v_over := true;
    else
      v_wrapped := true;
      v_after := '00000000-0000-0000-0000-000000000000';
      v_until := v_first;
    end if;
    v_before := v_left;
    for i in 1 .. coalesce(cardinality(v_some), 0) loop
      v_at := v_some[i];
      v_project := v_some_of[i];
      exit when v_left <= 0;
      -- Nothing is due, or enough is under way.
      continue when v_project is null or v_at = any (p_busy);
      select e.project_id, e.ordering, e.url, e.secret_sealed into v_owner, v_ordering, v_url, v_secret
        from auth.webhook_endpoint e where e.project_id = v_project and e.id = v_at and e.disabled_at is null;
      if found then
        v_tenant := (select p.tenant_id from platform.project p where p.id = v_project);
        v_projects := array[v_project];
      else
        select t.tenant_id, t.tenant_id, t.ordering, t.url, t.secret_sealed into v_owner, v_tenant, v_ordering, v_url, v_secret
          from platform.webhook_endpoint t where t.id = v_at and t.disabled_at is null;
        continue when not found;
        select array_agg(distinct c.project_id) into v_projects from (
          select d.project_id from auth.webhook_delivery d
          where d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
          order by d.next_attempt_at, d.number limit p_share) c;
      end if;
      v_share := least(p_share, v_left);
      v_gathered := false;
      foreach v_project in array coalesce(v_projects, '{}') loop
        exit when v_share <= 0;
        if v_ordering = 'none' and (v_hops or v_seen[i] >= 4) then
          return query
            update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = v_again
            from auth.webhook_message m
            where d.project_id = v_project and m.project_id = v_project and m.id = d.message_id and d.id = any (array(
              select n.id from auth.webhook_delivery n
              where n.project_id = v_project and n.endpoint_id = v_at and n.status = 'pending' and n.next_attempt_at <= p_now
              order by n.next_attempt_at, n.number limit v_share for update skip locked))
            returning d.project_id, v_tenant, d.id, d.endpoint_id, d.attempts, d.message_id, v_url, v_secret, m.body, v_owner,
              d.traceparent;
          get diagnostics v_rows = row_count;
          v_share := v_share - v_rows;
          v_left := v_left - v_rows;
          continue;
        elsif v_ordering = 'none' then
          select array_agg(c.id) into v_locked from (
            select d.id from auth.webhook_delivery d
            where d.project_id = v_project and d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
            order by d.next_attempt_at, d.number limit v_share for update skip locked) c;
        else
          select array_agg(c.id) into v_locked from (
            select d.id from auth.webhook_delivery d
            where d.project_id = v_project and d.endpoint_id = v_at and d.status = 'pending' and d.next_attempt_at <= p_now
              and (d.subject is null or not exists (select 1 from auth.webhook_delivery o
                where o.project_id = v_project and o.endpoint_id = v_at and o.subject = d.subject and o.status = 'pending'
                  and o.number < d.number))
            order by d.next_attempt_at, d.number limit v_share for update skip locked) c;
        end if;
        continue when v_locked is null;
        v_share := v_share - cardinality(v_locked);
        v_left := v_left - cardinality(v_locked);
        v_of := v_of || v_project;
        v_ids := v_ids || v_locked;
        v_gathered := true;
      end loop;
      if v_gathered then
        v_endpoints := v_endpoints || v_at;
        v_owners := v_owners || v_owner;
        v_tenants := v_tenants || v_tenant;
        v_urls := v_urls || v_url;
        v_secrets := v_secrets || v_secret;
      end if;
    end loop;
    if v_hops then
      v_hops := v_before - v_left >= 4;
    elsif v_some is not null then
      v_hops := cardinality(v_some) = 1;
      v_piece := least(32 * cardinality(v_some), 1024);
    end if;
  end loop;
  if v_ids = '{}' then
    return;
  end if;
  for project_id, id, v_at, attempt, message_id, traceparent, body in
    update auth.webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = v_again
      from auth.webhook_message m
      where d.project_id = any (v_of) and d.id = any (v_ids) and m.project_id = d.project_id and m.id = d.message_id
      returning d.project_id, d.id, d.endpoint_id, d.attempts, d.message_id, d.traceparent, m.body
  loop
    if v_at is distinct from endpoint_id then
      endpoint_id := v_at;
      v_place := array_position(v_endpoints, v_at);
      owner_id := v_owners[v_place];
      tenant_id := v_tenants[v_place];
      url := v_urls[v_place];
      secret_sealed := v_secrets[v_place];
    end if;
    return next;
  end loop;
end $function$;
alter function auth.claim_webhooks owner to portico_maintenance;
grant execute on function auth.claim_webhooks to portico_worker;

CREATE OR REPLACE FUNCTION auth.count_events(p_events auth.handed_event[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_counts jsonb;
  v_days date[];
  v_active uuid[];
  v_active_of uuid[];
  v_projects uuid[];
begin
  with event as materialized (
    select e.*,
      -- A sign-up by a provider or a mailed link begins its session as any other way in does: of the same instant, one of them counts.
      bool_or(e.action = 'session.started') over (partition by e.project_id, e.end_user_id, e.created_at) as begun
    from unnest(p_events) e
  ), counted as (
    select e.project_id, date_trunc('hour', e.created_at, 'UTC') as hour, e.action as kind, case
        when e.action = 'session.started' then case e.metadata->'amr'->>0 when 'pwd' then 'password' when 'fed' then 'oauth'
          when 'hwk' then 'passkey' when 'swk' then 'passkey' when 'otp' then 'email_otp' when 'email' then 'magic_link' else 'other' end
        when e.action = 'user.signed_up' then coalesce(e.metadata->>'method', 'password')
        when e.action in ('sign_in.refused', 'factor.code_refused') then coalesce(e.metadata->>'reason', '')
        else '' end as detail,
      -- A flood leaves a row for its first attempts and for every power of ten, each with the number so far.
      case when e.action = 'sign_in.refused' and (e.metadata->>'attempts')::numeric >= 10
        then (e.metadata->>'attempts')::bigint - greatest((e.metadata->>'attempts')::bigint / 10, 5) else 1 end as weight
    from event e
    union all
    select e.project_id, date_trunc('hour', e.created_at, 'UTC'), 'provider.refused', e.resource_id, 1
    from event e where e.action = 'sign_in.refused' and e.resource = 'provider' and e.metadata->>'problem' <> 'refused'
    union all
    select e.project_id, date_trunc('hour', e.made_at, 'UTC'), step.kind, '', 1
    from event e cross join lateral (values
      ('cohort.joined', e.action <> 'session.started' and e.action <> 'user.email_confirmed' and e.created_at = e.made_at),
      ('cohort.confirmed', case e.action when 'user.email_confirmed' then e.email_verified_at is distinct from e.made_at
        when 'session.started' then false else e.created_at = e.made_at and e.email_verified_at = e.made_at end),
      ('cohort.signed_in', e.first_sign_in_at = e.created_at
        and (e.action = 'session.started' or (e.action = 'user.signed_up' and not e.begun)))
    ) step (kind, counts) where e.made_at is not null and step.counts
  ), summed as (
    select c.project_id, c.hour, c.kind, c.detail, sum(c.weight) as count from counted c group by 1, 2, 3, 4
  ), active as (
    -- A regular expression that counts costs twenty times as much as one that looks for what must not be.
    select distinct e.project_id, (e.created_at at time zone 'UTC')::date as day, e.actor_id::uuid as end_user_id
    from event e where length(e.actor_id) = 36 and e.actor_id !~ '[^0-9a-f-]' and (
      e.action = 'session.started' or (e.action = 'user.signed_up' and e.first_sign_in_at = e.created_at))
  )
  select (select jsonb_agg(to_jsonb(s)) from summed s), a.projects, a.days, a.people, (select array_agg(distinct e.project_id) from event e)
    into v_counts, v_active_of, v_days, v_active, v_projects
    from (select array_agg(a.project_id) as projects, array_agg(a.day) as days, array_agg(a.end_user_id) as people from active a) a;
  -- In one order, so that two who count at once do not wait for each other in a circle.
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select c.project_id, c.hour, c.kind, c.detail, c.count
    from jsonb_to_recordset(v_counts) c (project_id uuid, hour timestamptz, kind text, detail text, count bigint) order by 1, 2, 3, 4
    on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
  insert into metering.tenant_hourly_count as h (tenant_id, hour, kind, detail, count)
    select p.tenant_id, c.hour, c.kind, c.detail, sum(c.count)
    from jsonb_to_recordset(v_counts) c (project_id uuid, hour timestamptz, kind text, detail text, count bigint)
    join platform.project p on p.id = c.project_id group by 1, 2, 3, 4
    on conflict (tenant_id, hour, kind, detail) do update set count = h.count + excluded.count;
  if v_active is not null then
    insert into auth.active_day (project_id, day, end_user_id)
      select a.project_id, a.day, a.end_user_id from unnest(v_active_of, v_days, v_active) a (project_id, day, end_user_id)
      on conflict do nothing;
    insert into auth.active_month (project_id, month, end_user_id)
      select distinct a.project_id, date_trunc('month', a.day)::date, a.end_user_id
      from unnest(v_active_of, v_days, v_active) a (project_id, day, end_user_id) on conflict do nothing;
  end if;
  update auth.project_total t set stale = true where t.project_id = any (v_projects) and not t.stale;
end $function$;
alter function auth.count_events owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.create_service()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  insert into auth.service (project_id, created_at, updated_at) values (new.id, new.created_at, new.created_at);
  insert into auth.project_total (project_id) values (new.id);
  return new;
end $function$;
alter function auth.create_service owner to portico_maintenance;
grant execute on function auth.create_service to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.credential_by_email(p_project uuid, p_email text)
 RETURNS TABLE(id uuid, email text, email_verified_at timestamp with time zone, password_hash text, disabled_at timestamp with time zone)
 LANGUAGE plpgsql
 ROWS 1
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  return query select u.id, u.email, u.email_verified_at, u.password_hash, u.disabled_at
    from auth.end_user u where u.project_id = p_project and u.email = p_email and u.email <> '';
end $function$;
grant execute on function auth.credential_by_email to portico_data;

CREATE OR REPLACE FUNCTION auth.current_account(p_project uuid, p_session uuid, p_now timestamp with time zone, p_idle_seconds integer)
 RETURNS TABLE(end_user json, identities jsonb, factors jsonb, pending_email json)
 LANGUAGE plpgsql
 ROWS 1
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
  v_used timestamptz;
  v_details boolean;
begin
  -- Two looks by key and no join: a sixth less, and no plan for a join can be wrong.
  select s.last_used_at, s.end_user_id into v_used, v_user from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if v_user is null then
    return;
  end if;
  select u.has_details,
      row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row),
      -- Unset, nearly always.
      case when u.pending_email is not null then
        json_build_object('email', u.pending_email, 'requested_at', u.pending_email_requested_at) end
    into v_details, end_user, pending_email
    from auth.end_user u where u.project_id = p_project and u.id = v_user and u.disabled_at is null;
  if end_user is null then
    return;
  end if;
  if v_used < p_now - interval '60 seconds' then
    if v_used < date_trunc('day', p_now, 'UTC') then
      perform auth.note_active(p_project, v_user, p_now);
    end if;
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session
      and s.last_used_at < p_now - interval '60 seconds';
  end if;
  if v_details then
    select d.identities, d.factors into identities, factors from auth.user_details(p_project, v_user) d;
  end if;
  return next;
end $function$;
grant execute on function auth.current_account to portico_data;

CREATE OR REPLACE FUNCTION auth.current_project_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select current_setting('portico.project_id')::uuid $function$;
grant execute on function auth.current_project_id to portico_control, portico_data, portico_maintenance, portico_worker;

CREATE OR REPLACE FUNCTION auth.cut_audit(p_kind text, p_subject uuid, p_seq bigint, p_before timestamp with time zone, p_jws text, p_key jsonb, p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_from bigint;
  v_gone integer;
begin
  if not exists (select 1 from metering.tenant_audit t
      where t.tenant_id = case p_kind when 'tnt' then p_subject else (select p.tenant_id from platform.project p where p.id = p_subject) end
        and t.retention_days is not null and p_now - make_interval(days => t.retention_days) >= p_before) then
    return 0;
  end if;
  perform auth.publish_audit_key(p_key, p_now);
  if p_kind = 'tnt' then
    select t.cut_seq into v_from from metering.tenant_audit t where t.tenant_id = p_subject for update;
    if v_from >= p_seq then return 0; end if;
    update metering.tenant_audit t set cut_seq = p_seq, cut_jws = p_jws where t.tenant_id = p_subject;
    delete from platform.audit_event e using metering.tenant_audit_link l
      where l.tenant_id = p_subject and l.seq > v_from and l.seq <= p_seq and e.id = l.event_id and e.tenant_id = p_subject;
  else
    select c.cut_seq into v_from from auth.audit_chain c where c.project_id = p_subject for update;
    if v_from >= p_seq then return 0; end if;
    update auth.audit_chain c set cut_seq = p_seq, cut_jws = p_jws where c.project_id = p_subject;
    delete from auth.audit_event e using auth.audit_link l
      where l.project_id = p_subject and l.seq > v_from and l.seq <= p_seq and e.project_id = p_subject and e.id = l.event_id;
  end if;
  get diagnostics v_gone = row_count;
  return v_gone;
end $function$;
alter function auth.cut_audit owner to portico_maintenance;
grant execute on function auth.cut_audit to portico_worker;

CREATE OR REPLACE FUNCTION auth.dev_inbox(p_tenant uuid, p_limit integer)
 RETURNS TABLE(project_id uuid, outbox_id uuid, to_address text, subject text, text text, html text, link text, code text, created_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant);
begin
  return query
  select m.project_id, m.outbox_id, m.to_address, m.subject, m.text, m.html, m.link, m.code, m.created_at
  from auth.dev_mail m
  where p_tenant is null or m.project_id = any (v_projects)
  order by m.created_at desc, m.outbox_id limit p_limit;
end $function$;
alter function auth.dev_inbox owner to portico_maintenance;
grant execute on function auth.dev_inbox to portico_control;

CREATE OR REPLACE FUNCTION auth.domain_holder(p_hostname text)
 RETURNS TABLE(project_id uuid, id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select d.project_id, d.id from auth.domain d where d.hostname = p_hostname and d.verified_at is not null;
end $function$;
alter function auth.domain_holder owner to portico_maintenance;
grant execute on function auth.domain_holder to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.due_audit_cuts(p_now timestamp with time zone, p_limit integer, p_rows integer)
 RETURNS TABLE(kind text, subject_id uuid, seq bigint, head bytea, before timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_of record;
  v_project uuid;
  v_cut bigint;
  v_found integer := 0;
begin
  for v_of in
    select t.tenant_id, t.cut_seq, p_now - make_interval(days => t.retention_days) as before from metering.tenant_audit t
    where t.retention_days is not null
  loop
    exit when v_found >= p_limit;
    return query select 'tnt', v_of.tenant_id, l.seq, l.head, v_of.before from (
        select x.seq, x.head, x.chained_at from metering.tenant_audit_link x where x.tenant_id = v_of.tenant_id and x.seq > v_of.cut_seq
        order by x.seq limit p_rows) l
      where l.chained_at < v_of.before order by l.seq desc limit 1;
    for v_project in select p.id from platform.project p where p.tenant_id = v_of.tenant_id loop
      exit when v_found >= p_limit;
      v_cut := (select c.cut_seq from auth.audit_chain c where c.project_id = v_project);
      continue when v_cut is null;
      return query select 'proj', v_project, l.seq, l.head, v_of.before from (
          select x.seq, x.head, x.chained_at from auth.audit_link x where x.project_id = v_project and x.seq > v_cut
          order by x.seq limit p_rows) l
        where l.chained_at < v_of.before order by l.seq desc limit 1;
      if found then
        v_found := v_found + 1;
      end if;
    end loop;
  end loop;
end $function$;
alter function auth.due_audit_cuts owner to portico_maintenance;
grant execute on function auth.due_audit_cuts to portico_worker;

CREATE OR REPLACE FUNCTION auth.due_audit_parts(p_tenant uuid, p_stream uuid, p_limit integer)
 RETURNS TABLE(kind text, subject_id uuid, seq bigint, head bytea, signature_seq bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_of record;
  v_found integer := 0;
begin
  return query
  select 'tnt', c.tenant_id, coalesce(w.seq, 0),
      (select l.head from metering.tenant_audit_link l where l.tenant_id = c.tenant_id and l.seq = w.seq), coalesce(w.signature_seq, 0)
    from metering.tenant_audit c
    left join metering.audit_stream_place w on w.stream_id = p_stream and w.subject_id = c.tenant_id
    where c.tenant_id = p_tenant and (c.seq > coalesce(w.seq, 0)
      or exists (select from metering.tenant_audit_signature g where g.tenant_id = c.tenant_id and g.seq > coalesce(w.signature_seq, 0)));
  for v_of in
    select p.id, coalesce(w.seq, 0) as seq, coalesce(w.signature_seq, 0) as signed from platform.project p
    left join metering.audit_stream_place w on w.stream_id = p_stream and w.subject_id = p.id
    where p.tenant_id = p_tenant
  loop
    exit when v_found >= p_limit;
    return query
    select 'proj', c.project_id, v_of.seq, (select l.head from auth.audit_link l where l.project_id = v_of.id and l.seq = v_of.seq),
        v_of.signed
      from auth.audit_chain c
      where c.project_id = v_of.id and (c.seq > v_of.seq
        or exists (select from auth.audit_signature g where g.project_id = v_of.id and g.seq > v_of.signed));
    if found then
      v_found := v_found + 1;
    end if;
  end loop;
end $function$;
alter function auth.due_audit_parts owner to portico_maintenance;
grant execute on function auth.due_audit_parts to portico_worker;

CREATE OR REPLACE FUNCTION auth.due_domains(p_limit integer, p_now timestamp with time zone, p_until timestamp with time zone)
 RETURNS TABLE(project_id uuid, id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_due record;
begin
  -- Whoever was first has moved the time on.
  for v_due in select o.project_id, o.id from auth.domain o where o.next_check_at <= p_now order by o.next_check_at limit p_limit loop
    return query update auth.domain d set next_check_at = p_until
      where d.project_id = v_due.project_id and d.id = v_due.id and d.next_check_at <= p_now returning d.project_id, d.id;
  end loop;
end $function$;
alter function auth.due_domains owner to portico_maintenance;
grant execute on function auth.due_domains to portico_worker;

CREATE OR REPLACE FUNCTION auth.due_sso_connections(p_limit integer, p_now timestamp with time zone, p_before timestamp with time zone)
 RETURNS TABLE(project_id uuid, id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_due record;
begin
  -- Whoever was first has moved the time on.
  for v_due in
    select o.project_id, o.id from auth.sso_connection o
    where o.protocol = 'saml' and o.state <> 'draft' and (o.checked_at is null or o.checked_at <= p_before)
    order by o.checked_at nulls first limit p_limit
  loop
    return query update auth.sso_connection c set checked_at = p_now
      where c.project_id = v_due.project_id and c.id = v_due.id and (c.checked_at is null or c.checked_at <= p_before)
      returning c.project_id, c.id;
  end loop;
end $function$;
alter function auth.due_sso_connections owner to portico_maintenance;
grant execute on function auth.due_sso_connections to portico_worker;

CREATE OR REPLACE FUNCTION auth.end_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_remove boolean, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  -- Before its deliveries, as auth.finish_webhooks does.
  perform 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant for update;
  if not found then
    return;
  end if;
  if p_remove then
    delete from auth.webhook_delivery d where d.endpoint_id = p_endpoint;
  else
    perform auth.fail_waiting_webhooks(p_tenant, p_endpoint, p_now);
  end if;
end $function$;
alter function auth.end_tenant_webhook owner to portico_maintenance;
grant execute on function auth.end_tenant_webhook to portico_control;

CREATE OR REPLACE FUNCTION auth.enqueue_mail(p_project uuid, p_id uuid, p_kind text, p_payload jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
    values (p_project, p_id, p_kind, p_payload - 'traceparent', p_now, p_now, p_payload->>'traceparent');
end $function$;
grant execute on function auth.enqueue_mail to portico_data;

CREATE OR REPLACE FUNCTION auth.enter_project(p_project uuid)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('portico.project_id', p_project::text, true);
end $function$;
grant execute on function auth.enter_project to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.erase_person(p_project uuid, p_user uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_addresses text[];
  v_done jsonb := '{}';
  v_rows integer;
begin
  -- Another erasure of the same person is over when this goes on, and has left nothing.
  select array_agg(distinct lower(a.address)) into v_addresses from (
    select unnest(array[u.email, u.email_typed, u.pending_email]) as address from auth.end_user u
      where u.project_id = p_project and u.id = p_user
    union all
    select i.email from auth.identity i where i.project_id = p_project and i.end_user_id = p_user
    union all
    select o.payload->>'address' from auth.outbox o where o.project_id = p_project and o.payload->>'end_user_id' = p_user::text
  ) a where a.address <> '';
  v_addresses := coalesce(v_addresses, '{}');

  -- What the row of the account takes along.
  select v_done || jsonb_strip_nulls(jsonb_build_object(
      'account', nullif((select count(*) from auth.end_user t where t.project_id = p_project and t.id = p_user), 0),
      'sessions', nullif((select count(*) from auth.session t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'identities', nullif((select count(*) from auth.identity t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'factors', nullif((select count(*) from auth.factor t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'passkeys', nullif((select count(*) from auth.webauthn_credential t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'recovery_codes', nullif((select count(*) from auth.recovery_code t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'mailed_links', nullif((select count(*) from auth.one_time_token t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'memberships', nullif((select count(*) from auth.organization_membership t
        where t.project_id = p_project and t.end_user_id = p_user), 0),
      'directory_entries', nullif((select count(*) from auth.directory_user t
        where t.project_id = p_project and t.end_user_id = p_user), 0)))
    into v_done;

  delete from auth.dev_mail t where t.project_id = p_project and (lower(t.to_address) = any (v_addresses) or t.outbox_id in (
    select o.id from auth.outbox o where o.project_id = p_project and o.payload->>'end_user_id' = p_user::text));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('development_mails', v_rows);
  delete from auth.outbox t where t.project_id = p_project
    and (t.payload->>'end_user_id' = p_user::text or lower(t.payload->>'address') = any (v_addresses)
      or lower(t.payload->>'email') = any (v_addresses));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('mails', v_rows);
  delete from auth.email_challenge t where t.project_id = p_project
    and (lower(t.address) = any (v_addresses) or lower(t.address_typed) = any (v_addresses));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('mailed_codes', v_rows);
  delete from auth.organization_invitation t where t.project_id = p_project and lower(t.email) = any (v_addresses);
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('invitations', v_rows);
  delete from auth.suppressed_address t where t.project_id = p_project and lower(t.address) = any (v_addresses);
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('suppressed_addresses', v_rows);
  delete from auth.sso_attempt t where t.project_id = p_project and t.report is not null
    and (strpos(t.report::text, p_user::text) > 0
      or exists (select from unnest(v_addresses) a (address) where strpos(lower(t.report::text), a.address) > 0));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('sso_attempts', v_rows);
  delete from auth.directory_event t where t.project_id = p_project and t.resource_id = p_user::text;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('directory_events', v_rows);
  -- Their deliveries go along, sent or not.
  delete from auth.webhook_message t where t.project_id = p_project
    and (strpos(t.body, p_user::text) > 0
      or exists (select from unnest(v_addresses) a (address) where strpos(lower(t.body), a.address) > 0));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('webhook_messages', v_rows);

  update auth.audit_event e set ip = null, user_agent = null, erased = true
    where e.project_id = p_project and e.erased is not true and (e.actor_type = 'end_user' or e.resource = 'end_user')
      and case when e.actor_type = 'end_user' then e.actor_id when e.resource = 'end_user' then e.resource_id end = p_user::text
      and auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) = p_user;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('audit_rows', v_rows);
  delete from auth.audit_person_key k where k.project_id = p_project and k.end_user_id = p_user;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('audit_key', v_rows);
  return (select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(v_done) d where d.value <> '0');
end $function$;
alter function auth.erase_person owner to portico_maintenance;
grant execute on function auth.erase_person to portico_control;

CREATE OR REPLACE FUNCTION auth.events_followed(p_streams integer[], p_projects uuid[], p_txs text[], p_numbers bigint[], p_limit integer)
 RETURNS TABLE(horizon text, events json)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_all jsonb := '[]';
  v_some jsonb;
begin
  for i in 1 .. coalesce(cardinality(p_streams), 0) loop
    select jsonb_agg(jsonb_build_array(p_streams[i], e.tx, e.number, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id,
        e.metadata, e.created_at) order by e.tx, e.number) into v_some
      from (select a.* from auth.audit_event a
        where a.project_id = p_projects[i] and (a.tx, a.number) > (p_txs[i]::xid8, p_numbers[i]) and a.tx < v_horizon
        order by a.tx, a.number limit p_limit) e;
    v_all := v_all || coalesce(v_some, '[]');
  end loop;
  return query select v_horizon::text, v_all::json;
end $function$;
alter function auth.events_followed owner to portico_maintenance;
grant execute on function auth.events_followed to portico_control;

CREATE OR REPLACE FUNCTION auth.events_handed_on(p_projects uuid[], p_seqs bigint[], p_limit integer, p_most integer)
 RETURNS TABLE(stream integer, seq bigint, event_id uuid, action text, actor_type text, actor_id text, resource text, resource_id text, metadata jsonb, created_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_heads jsonb;
  v_left integer := p_most;
  v_count integer;
begin
  select coalesce(jsonb_object_agg(c.project_id, c.seq), '{}') into v_heads from auth.audit_chain c where c.project_id = any (p_projects);
  for i in 1 .. coalesce(cardinality(p_projects), 0) loop
    exit when v_left <= 0;
    continue when coalesce((v_heads ->> p_projects[i]::text)::bigint, 0) <= p_seqs[i];
    return query
    select i - 1, l.seq, l.event_id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at
      from auth.audit_link l left join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
      where l.project_id = p_projects[i] and l.seq > p_seqs[i] order by l.seq limit least(p_limit, v_left);
    get diagnostics v_count = row_count;
    v_left := v_left - v_count;
  end loop;
end $function$;
alter function auth.events_handed_on owner to portico_maintenance;
grant execute on function auth.events_handed_on to portico_control;

CREATE OR REPLACE FUNCTION auth.fail_project_webhooks(p_project uuid, p_endpoint uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_rows bigint;
  v_hour timestamptz := date_trunc('hour', p_now, 'UTC');
begin
  if not exists (select 1 from auth.webhook_endpoint e where e.project_id = p_project and e.id = p_endpoint) then
    return;
  end if;
  update auth.webhook_delivery d set status = 'failed', done_at = p_now
    where d.project_id = p_project and d.endpoint_id = p_endpoint and d.status = 'pending';
  get diagnostics v_rows = row_count;
  if v_rows > 0 then
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count) values (p_project, v_hour, 'webhook', 'failed', v_rows)
      on conflict (project_id, hour, kind, detail) do update set count = h.count + excluded.count;
  end if;
end $function$;
alter function auth.fail_project_webhooks owner to portico_maintenance;
grant execute on function auth.fail_project_webhooks to portico_control;

CREATE OR REPLACE FUNCTION auth.fail_waiting_webhooks(p_owner uuid, p_endpoint uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_known uuid[] := '{}';
  v_projects uuid[] := '{}';
  v_project uuid;
  v_rows integer;
begin
  if exists (select 1 from auth.webhook_endpoint e where e.project_id = p_owner and e.id = p_endpoint) then
    v_known := array[p_owner];
  elsif exists (select 1 from platform.webhook_endpoint t where t.tenant_id = p_owner and t.id = p_endpoint) then
    select array_agg(distinct d.project_id) into v_known from auth.webhook_delivery d
      where d.endpoint_id = p_endpoint and d.status = 'pending';
  else
    return;
  end if;
  update platform.webhook_replay r set status = 'cancelled', done_at = p_now where r.endpoint_id = p_endpoint and r.status = 'running';
  foreach v_project in array coalesce(v_known, '{}') loop
    update auth.webhook_delivery d set status = 'failed', done_at = p_now
      where d.project_id = v_project and d.endpoint_id = p_endpoint and d.status = 'pending';
    get diagnostics v_rows = row_count;
    v_projects := v_projects || array_fill(v_project, array[v_rows]);
  end loop;
  if cardinality(v_projects) > 0 then
    perform auth.add_counts('webhook', v_projects, array_fill('failed'::text, array[cardinality(v_projects)]), null, p_now);
  end if;
end $function$;
alter function auth.fail_waiting_webhooks owner to portico_maintenance;
grant execute on function auth.fail_waiting_webhooks to portico_control;

CREATE OR REPLACE FUNCTION auth.fan_out_webhooks(p_events auth.handed_event[], p_of_tenants auth.handed_event[], p_types text[], p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_projects uuid[] := array(select distinct e.project_id from unnest(p_events) e where e.action = any (p_types));
  v_endpoints jsonb;
  v_of_tenants jsonb;
  -- Deliveries, item by item.
  v_of uuid[];
  v_to uuid[];
  v_messages text[];
  v_events auth.handed_event[];
  -- What is told, once for each event.
  v_told auth.handed_event[];
  v_told_of uuid[];
  v_told_ids text[];
  v_told_people uuid[];
  v_told_tenants boolean[];
  v_people auth.end_user_row[];
  v_people_of uuid[];
begin
  select jsonb_agg(jsonb_build_object('project_id', w.project_id, 'id', w.id, 'types', w.types)) into v_endpoints
    from auth.webhook_endpoint w where w.project_id = any (v_projects) and w.disabled_at is null;
  select jsonb_agg(jsonb_build_object('project_id', p.id, 'id', t.id, 'types', t.types)) into v_of_tenants
    from platform.project p join platform.webhook_endpoint t on t.tenant_id = p.tenant_id
    where p.id = any (v_projects) and t.disabled_at is null and (t.project_ids = '{}' or p.id = any (t.project_ids));
  v_endpoints := coalesce(v_endpoints, '[]') || coalesce(v_of_tenants, '[]');
  with told as materialized (
    select e, e.number, e.project_id, false as of_tenant, x.id as endpoint_id
    from unnest(p_events) e join jsonb_to_recordset(v_endpoints) x (project_id uuid, id uuid, types text[]) on x.project_id = e.project_id
    where e.action = any (p_types) and (x.types = '{}' or e.action = any (x.types))
    union all
    -- What happened to the tenant itself is told to those endpoints of it that hear all its projects.
    select e, e.number, auth.project_of_tenant(e.tenant_id), true, t.id
    from unnest(p_of_tenants) e join platform.webhook_endpoint t on t.tenant_id = e.tenant_id
    where e.action = any (p_types) and e.resource <> 'project' and t.disabled_at is null and t.project_ids = '{}'
      and (t.types = '{}' or e.action = any (t.types)) and auth.project_of_tenant(e.tenant_id) is not null
  ), placed as (
    select t.*, row_number() over (partition by t.of_tenant, t.project_id, t.number) = 1 as first,
      auth.webhook_message_id((t.e).created_at, t.number) as message_id,
      case when (t.e).resource = 'end_user' then (t.e).resource_id when (t.e).actor_type = 'end_user' then (t.e).actor_id end as person
    from told t
  )
  select array_agg(p.project_id), array_agg(p.endpoint_id), array_agg(p.message_id), array_agg(p.e),
      array_agg(p.e) filter (where p.first), array_agg(p.project_id) filter (where p.first), array_agg(p.message_id) filter (where p.first),
      array_agg(case when length(p.person) = 36 and p.person !~ '[^0-9a-f-]' then p.person::uuid end) filter (where p.first),
      array_agg(p.of_tenant) filter (where p.first)
    into v_of, v_to, v_messages, v_events, v_told, v_told_of, v_told_ids, v_told_people, v_told_tenants
    from (select * from placed order by number) p;
  if v_of is null then
    return 0;
  end if;
  select array_agg(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, null, null,
      null)::auth.end_user_row), array_agg(u.project_id) into v_people, v_people_of from (
    select u.* from auth.end_user u where u.project_id = any (v_told_of) and u.id = any (v_told_people) offset 0) u;
  insert into auth.webhook_message (project_id, id, type, body, created_at)
    select m.project_id, m.message_id, m.action, auth.webhook_body(m.message_id, m.project_id, m.action, m.actor_type, m.actor_id,
        m.resource, m.resource_id, m.metadata, m.created_at, m.of_tenant,
        row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, null, null,
          null)::auth.end_user_row), m.created_at
    from rows from (unnest(v_told_of), unnest(v_told_ids), unnest(v_told_people), unnest(v_told_tenants), unnest(v_told)) m (project_id,
      message_id, person, of_tenant, number, own_project, tenant_id, id, action, actor_type, actor_id, resource, resource_id, ip,
      user_agent, metadata, created_at)
    left join rows from (unnest(v_people_of), unnest(v_people)) u (project_id, id, email, email_typed, email_verified_at, metadata,
      disabled_at, created_at) on u.project_id = m.project_id and u.id = m.person
    on conflict do nothing;
  insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at, traceparent)
    select d.project_id, d.endpoint_id, d.message_id,
      case when d.resource = 'end_user' then d.resource_id when d.actor_type = 'end_user' then d.actor_id end,
      -- In the order of this round, whatever machine has counted the event.
      nextval('auth.event_number'), p_now, p_now, d.traceparent
    from rows from (unnest(v_of), unnest(v_to), unnest(v_messages), unnest(v_events)) d (project_id, endpoint_id, message_id, number,
      own_project, tenant_id, id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at, traceparent)
    -- There is none: each has an id of its own. Without it Citus would copy the rows in, which row security forbids.
    on conflict do nothing;
  return cardinality(v_of);
end $function$;
alter function auth.fan_out_webhooks owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.finish_mails(p_project uuid, p_ends jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_end record;
  v_traceparent text;
begin
  for v_end in
    select e.* from jsonb_to_recordset(p_ends) e (id uuid, status text, provider_id text, reason text, next_attempt_at timestamptz,
      untried boolean, detail text, suppress text) order by e.id
  loop
    update auth.outbox o set status = v_end.status, provider_id = coalesce(v_end.provider_id, o.provider_id), last_error = v_end.reason,
        last_detail = v_end.detail,
        attempts = o.attempts - case when v_end.untried then 1 else 0 end, done_at = case when v_end.status <> 'pending' then p_now end,
        next_attempt_at = coalesce(v_end.next_attempt_at, o.next_attempt_at), leased_until = null
      where o.project_id = p_project and o.id = v_end.id and o.done_at is null;
    if v_end.suppress is not null then
      update auth.outbox o set delivery = 'bounced', delivery_at = p_now where o.project_id = p_project and o.id = v_end.id
        returning o.traceparent into v_traceparent;
      insert into auth.suppressed_address (project_id, address, reason, since) values (p_project, v_end.suppress, 'bounced', p_now)
        on conflict (project_id, address) do nothing;
      insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at, traceparent)
        values (p_project, 'mail.bounced', 'system', 'mail', v_end.id::text, jsonb_build_object('reason', v_end.reason), p_now,
          v_traceparent);
    end if;
  end loop;
end $function$;
grant execute on function auth.finish_mails to portico_worker;

CREATE OR REPLACE FUNCTION auth.finish_webhooks(p_ends jsonb, p_now timestamp with time zone, p_off_after_seconds integer)
 RETURNS TABLE(project_id uuid, endpoint_id uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_end record;
  v_endpoint uuid;
  v_tenant uuid;
  v_off boolean;
  v_projects uuid[] := '{}';
  v_details text[] := '{}';
  v_projects_of uuid[];
  v_ids uuid[];
  v_place record;
begin
  -- Endpoints before their deliveries, by id, as whoever turns one off or removes it locks them: else two workers that find out at once
  -- that one has failed for too long would each wait for a delivery of the other.
  select array_agg(distinct e.project_id), array_agg(e.id) into v_projects_of, v_ids
    from jsonb_to_recordset(p_ends) e (project_id uuid, id uuid);
  for v_place in
    select distinct d.endpoint_id, d.project_id from auth.webhook_delivery d
    where d.project_id = any (v_projects_of) and d.id = any (v_ids) order by d.endpoint_id, d.project_id
  loop
    perform 1 from auth.webhook_endpoint w where w.project_id = v_place.project_id and w.id = v_place.endpoint_id for no key update;
    perform 1 from platform.webhook_endpoint w where w.id = v_place.endpoint_id for no key update;
  end loop;
  for v_end in
    select e.* from jsonb_to_recordset(p_ends)
      e (project_id uuid, id uuid, ok boolean, untried boolean, entry jsonb, next_attempt_at timestamptz)
    order by e.project_id, e.id
  loop
    update auth.webhook_delivery d set log = case when v_end.untried then d.log else d.log || v_end.entry end,
        attempts = d.attempts - case when v_end.untried then 1 else 0 end,
        status = case when v_end.ok then 'delivered' when v_end.next_attempt_at is null then 'failed' else 'pending' end,
        next_attempt_at = coalesce(v_end.next_attempt_at, d.next_attempt_at),
        done_at = case when v_end.ok or v_end.next_attempt_at is null then p_now end
      where d.project_id = v_end.project_id and d.id = v_end.id and d.status = 'pending' returning d.endpoint_id into v_endpoint;
    continue when v_endpoint is null or v_end.untried;
    if v_end.ok or v_end.next_attempt_at is null then
      v_projects := v_projects || v_end.project_id;
      v_details := v_details || case when v_end.ok then 'delivered'::text else 'failed' end;
    end if;
    if v_end.ok then
      update auth.webhook_endpoint w set failing_since = null
        where w.project_id = v_end.project_id and w.id = v_endpoint and w.failing_since is not null;
      update platform.webhook_endpoint w set failing_since = null where w.id = v_endpoint and w.failing_since is not null;
      continue;
    end if;
    update auth.webhook_endpoint w set failing_since = p_now
      where w.project_id = v_end.project_id and w.id = v_endpoint and w.failing_since is null;
    update platform.webhook_endpoint w set failing_since = p_now where w.id = v_endpoint and w.failing_since is null;
    v_tenant := null;
    update auth.webhook_endpoint w set disabled_at = p_now, disabled_reason = 'failing', updated_at = p_now
      where w.project_id = v_end.project_id and w.id = v_endpoint and w.disabled_at is null
        and w.failing_since < p_now - make_interval(secs => p_off_after_seconds);
    v_off := found;
    if not v_off then
      update platform.webhook_endpoint w set disabled_at = p_now, disabled_reason = 'failing', updated_at = p_now
        where w.id = v_endpoint and w.disabled_at is null and w.failing_since < p_now - make_interval(secs => p_off_after_seconds)
        returning w.tenant_id into v_tenant;
      v_off := found;
    end if;
    if v_off then
      perform auth.fail_waiting_webhooks(coalesce(v_tenant, v_end.project_id), v_endpoint, p_now);
      if v_tenant is null then
        insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_end.project_id, 'webhook.disabled', 'system', 'webhook', 'whk_' || v_endpoint, '{"reason": "failing"}', p_now);
      else
        insert into platform.audit_event (tenant_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_tenant, 'webhook.disabled', 'system', 'webhook', 'whk_' || v_endpoint, '{"reason": "failing"}', p_now);
      end if;
      perform auth.mail_about_webhook(v_endpoint, p_now);
      project_id := v_end.project_id;
      endpoint_id := v_endpoint;
      return next;
    end if;
  end loop;
  perform auth.add_counts('webhook', v_projects, v_details, null, p_now);
end $function$;
alter function auth.finish_webhooks owner to portico_maintenance;
grant execute on function auth.finish_webhooks to portico_worker;

CREATE OR REPLACE FUNCTION auth.hand_on_events(p_limit integer, p_now timestamp with time zone, p_types text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_events auth.handed_event[];
  v_projects uuid[];
  v_numbers bigint[];
  v_of_tenants auth.handed_event[];
  v_of_their_projects auth.handed_event[];
  v_tenant_numbers bigint[];
  v_last bigint;
  v_count integer;
  v_complete_at timestamptz;
begin
  insert into metering.event_reader (only_row) select true where not exists (select 1 from metering.event_reader) on conflict do nothing;
  select r.complete_at into v_complete_at from metering.event_reader r for update skip locked;
  if not found then
    return null;
  end if;
  select array_agg(row(w.number, w.project_id, null, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, w.end_user_id, w.made_at, w.email_verified_at,
      w.first_sign_in_at)::auth.handed_event order by w.number),
    array_agg(distinct w.project_id), array_agg(w.number), max(w.number)
    into v_events, v_projects, v_numbers, v_last from (
      select e.number, e.project_id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata,
        e.created_at, e.traceparent, u.id as end_user_id, u.created_at as made_at, u.email_verified_at, u.first_sign_in_at
      from auth.audit_event e
      -- Deleted meanwhile: counted as an event, and not in the funnel.
      left join auth.end_user u on u.project_id = e.project_id and u.id = case
          when e.action = 'session.started' and length(e.actor_id) = 36 and e.actor_id !~ '[^0-9a-f-]' then e.actor_id::uuid
          when e.action in ('user.signed_up', 'user.created', 'user.invited', 'user.email_confirmed') and length(e.resource_id) = 36
            and e.resource_id !~ '[^0-9a-f-]' then e.resource_id::uuid end
      where e.waiting order by e.number limit p_limit) w;
  -- Events of tenants stay on the first machine; those of a project's own row, whose id stands in resource_id, are told with the project.
  select array_agg(row(w.number, null, w.tenant_id, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, null, null, null, null)::auth.handed_event order by w.number),
    array_agg(row(w.number, w.project_id, null, w.id, w.action, w.actor_type, w.actor_id, w.resource, w.resource_id, w.ip,
      w.user_agent, w.metadata, w.created_at, w.traceparent, null, null, null, null)::auth.handed_event order by w.number)
      filter (where w.project_id is not null),
    array_agg(w.number)
    into v_of_tenants, v_of_their_projects, v_tenant_numbers from (
      select e.number, p.id as project_id, e.tenant_id, e.id, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.ip,
        e.user_agent, e.metadata, e.created_at, e.traceparent
      from platform.audit_event e
      left join platform.project p on p.id = case when e.resource = 'project'
        then substring(e.resource_id from '^proj_([0-9a-f-]{36})$')::uuid end
      where e.waiting and (coalesce(cardinality(v_numbers), 0) < p_limit or e.number < v_last) order by e.number limit p_limit) w;
  v_count := coalesce(cardinality(v_numbers), 0) + coalesce(cardinality(v_tenant_numbers), 0);
  if v_events is not null then
    update auth.audit_event e set waiting = false
      where e.waiting and e.project_id = any (v_projects) and e.number = any (v_numbers);
    perform auth.chain_events(v_events, p_now);
  end if;
  if v_tenant_numbers is not null then
    update platform.audit_event e set waiting = false where e.waiting and e.number = any (v_tenant_numbers);
    perform auth.chain_tenant_events(v_of_tenants, p_now);
  end if;
  v_events := v_events || v_of_their_projects;
  if v_events is not null then
    perform auth.count_events(v_events);
  end if;
  if v_count > 0 then
    perform auth.fan_out_webhooks(v_events, v_of_tenants, p_types, p_now);
  end if;
  if v_count > 0 or v_complete_at is null or v_complete_at < p_now - interval '1 second' then
    update metering.event_reader r set handed_on = r.handed_on + v_count,
      complete_at = case when v_count < p_limit then p_now else r.complete_at end;
  end if;
  return v_count;
end $function$;
alter function auth.hand_on_events owner to portico_maintenance;
grant execute on function auth.hand_on_events to portico_worker;

CREATE OR REPLACE FUNCTION auth.hand_over_domain(p_id uuid, p_target uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_from uuid := auth.current_project_id();
  v_hostname text;
begin
  perform 1 from platform.project f join platform.project t on t.tenant_id = f.tenant_id
    where f.id = v_from and t.id = p_target and t.id <> v_from and t.archived_at is null;
  if not found then return null; end if;
  select d.hostname into v_hostname from auth.domain d where d.project_id = v_from and d.id = p_id for update;
  if not found then return null; end if;
  -- Announced there already: the proof that is handed over counts.
  delete from auth.domain d where d.project_id = p_target and d.hostname = v_hostname and d.verified_at is null;
  update auth.domain d set project_id = p_target, main_at = null where d.project_id = v_from and d.id = p_id;
  return v_hostname;
end $function$;
alter function auth.hand_over_domain owner to portico_maintenance;
grant execute on function auth.hand_over_domain to portico_control;

CREATE OR REPLACE FUNCTION auth.heartbeat_instance(p_project uuid, p_id uuid, p_now timestamp with time zone, p_reads text[] DEFAULT NULL::text[])
 RETURNS TABLE(env_version integer, latest_env_version integer, rotation_open boolean)
 LANGUAGE plpgsql
AS $function$
declare
  v_version integer;
begin
  perform auth.enter_project(p_project);
  update auth.instance i set last_seen_at = greatest(i.last_seen_at, p_now), reads = coalesce(p_reads, i.reads)
    where i.project_id = p_project and i.id = p_id and i.ended_at is null
    returning i.env_version into v_version;
  if not found then
    return;
  end if;
  return query select v_version, s.env_version, exists (select 1 from auth.key_rotation r where r.project_id = p_project)
    from auth.service s where s.project_id = p_project;
end $function$;
grant execute on function auth.heartbeat_instance to portico_control;

CREATE OR REPLACE FUNCTION auth.hold_event_reader()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  perform 1 from metering.event_reader for update;
end $function$;
alter function auth.hold_event_reader owner to portico_maintenance;
grant execute on function auth.hold_event_reader to portico_control;

CREATE OR REPLACE FUNCTION auth.insert_session(p_project uuid, p_user uuid, p_session jsonb)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_max integer := (p_session->>'max_active_sessions')::integer;
  v_open integer;
  v_amr text[] := array(select jsonb_array_elements_text(p_session->'amr'));
begin
  if v_max is not null then
    select count(*) into v_open from auth.session s
      where s.project_id = p_project and s.end_user_id = p_user and s.ended_at is null
        and (s.expires_at is null or s.expires_at > v_now)
        and s.last_used_at > v_now - make_interval(secs => (p_session->>'idle_seconds')::integer);
    if v_open >= v_max then
      if p_session->>'limit_policy' = 'refuse' then
        return 'session_limit';
      end if;
      update auth.session s set ended_at = v_now, end_reason = 'session_limit'
        where s.project_id = p_project and s.id in (
          select o.id from auth.session o
          where o.project_id = p_project and o.end_user_id = p_user and o.ended_at is null
          order by o.created_at, o.id limit v_open - v_max + 1);
      insert into auth.change (project_id, end_user_id, changed_at) values (p_project, p_user, v_now);
    end if;
  end if;
  insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, expires_at, ip, user_agent, amr,
    factor_verified_at, device_print)
    values (p_project, (p_session->>'id')::uuid, p_user, v_now, v_now, v_now,
      v_now + make_interval(secs => (p_session->>'absolute_seconds')::integer), p_session->>'ip', p_session->>'user_agent',
      v_amr, case when p_session->'amr' ? 'mfa' then v_now end,
      p_session->>'device_print');
  -- Began with an assertion of an identity provider, which may end it (SAML core, 3.7).
  if p_session->'sso'->>'connection_id' is not null then
    insert into auth.sso_session (project_id, session_id, connection_id, name_digest, session_index)
      values (p_project, (p_session->>'id')::uuid, (p_session->'sso'->>'connection_id')::uuid,
        decode(p_session->'sso'->>'name_digest', 'hex'), p_session->'sso'->>'session_index');
  end if;
  return 'ok';
end $function$;
grant execute on function auth.insert_session to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.isolate(p_table text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
begin
  execute format('alter table auth.%I enable row level security', p_table);
  -- The owner too.
  execute format('alter table auth.%I force row level security', p_table);
  execute format('create policy project_isolation on auth.%I to portico_control, portico_data, portico_worker
    using (project_id = auth.current_project_id()) with check (project_id = auth.current_project_id())', p_table);
  -- Only inside the security definer functions: nobody logs in as portico_maintenance.
  execute format('create policy maintenance on auth.%I to portico_maintenance using (true) with check (true)', p_table);
  execute format('grant select, insert, update, delete on auth.%I to portico_maintenance', p_table);
end $function$;

CREATE OR REPLACE FUNCTION auth.issue_email_challenges(p_challenges jsonb)
 RETURNS SETOF uuid
 LANGUAGE plpgsql
AS $function$
declare
  v_project uuid := auth.current_project_id();
  v_new record;
begin
  for v_new in
    select c.id, c.purpose, c.address, c.address_typed, decode(c.link_digest, 'hex') as link_digest,
        decode(c.code_digest, 'hex') as code_digest, c.create_user, c.redirect_to, c.code_challenge, c.created_at, c.expires_at,
        c.code_expires_at
      from jsonb_to_recordset(p_challenges) c (id uuid, purpose text, address text, address_typed text, link_digest text, code_digest text,
        create_user boolean, redirect_to text, code_challenge text, created_at timestamptz, expires_at timestamptz,
        code_expires_at timestamptz)
  loop
    if exists (select from auth.email_challenge newer where newer.project_id = v_project and newer.address = v_new.address
        and newer.purpose = v_new.purpose and newer.created_at > v_new.created_at) then
      continue;
    end if;
    insert into auth.email_challenge as kept (project_id, id, purpose, address, address_typed, link_digest, code_digest, create_user,
        redirect_to, code_challenge, created_at, expires_at, code_expires_at)
      values (v_project, v_new.id, v_new.purpose, v_new.address, v_new.address_typed, v_new.link_digest, v_new.code_digest,
        v_new.create_user, v_new.redirect_to, v_new.code_challenge, v_new.created_at, v_new.expires_at, v_new.code_expires_at)
      on conflict (project_id, id) do update set expires_at = excluded.expires_at, code_expires_at = excluded.code_expires_at
        where kept.consumed_at is null and kept.voided_at is null;
    -- Spent or voided since: no mail.
    continue when not found;
    update auth.email_challenge earlier set voided_at = v_new.created_at
      where earlier.project_id = v_project and earlier.address = v_new.address and earlier.purpose = v_new.purpose
        and earlier.id <> v_new.id and earlier.created_at < v_new.created_at and earlier.consumed_at is null and earlier.voided_at is null;
    return next v_new.id;
  end loop;
end $function$;
grant execute on function auth.issue_email_challenges to portico_worker;

CREATE OR REPLACE FUNCTION auth.issue_one_time_tokens(p_tokens jsonb)
 RETURNS SETOF bytea
 LANGUAGE plpgsql
AS $function$
declare
  v_project uuid := auth.current_project_id();
  v_token record;
begin
  for v_token in
    select decode(t.digest, 'hex') as digest, t.purpose, t.end_user_id, t.payload, t.created_at, t.expires_at, t.only_latest
      from jsonb_to_recordset(p_tokens)
        t (digest text, purpose text, end_user_id uuid, payload jsonb, created_at timestamptz, expires_at timestamptz, only_latest boolean)
  loop
    if v_token.only_latest and exists (
      select from auth.one_time_token newer where newer.project_id = v_project and newer.end_user_id = v_token.end_user_id
        and newer.purpose = v_token.purpose and newer.created_at > v_token.created_at)
    then
      continue;
    end if;
    insert into auth.one_time_token as kept (project_id, digest, purpose, end_user_id, payload, created_at, expires_at)
      values (v_project, v_token.digest, v_token.purpose, v_token.end_user_id, v_token.payload, v_token.created_at, v_token.expires_at)
      on conflict (project_id, digest) do update set expires_at = excluded.expires_at where kept.consumed_at is null
        and kept.voided_at is null;
    -- Spent or voided since: no mail.
    continue when not found;
    if v_token.only_latest then
      update auth.one_time_token earlier set voided_at = v_token.created_at
        where earlier.project_id = v_project and earlier.end_user_id = v_token.end_user_id and earlier.purpose = v_token.purpose
          and earlier.digest <> v_token.digest and earlier.created_at < v_token.created_at and earlier.consumed_at is null
            and earlier.voided_at is null;
    end if;
    return next v_token.digest;
  end loop;
end $function$;
grant execute on function auth.issue_one_time_tokens to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.live_session(p_project uuid, p_session uuid, p_now timestamp with time zone, p_idle_seconds integer, p_organization uuid DEFAULT NULL::uuid)
 RETURNS TABLE(session_id uuid, session_created_at timestamp with time zone, last_used_at timestamp with time zone, expires_at timestamp with time zone, auth_time timestamp with time zone, amr text[], end_user json, organization json)
 LANGUAGE plpgsql
 ROWS 1
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
begin
  select s.id, s.end_user_id, s.created_at, s.last_used_at, s.expires_at, s.auth_time, s.amr,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into session_id, v_user, session_created_at, last_used_at, expires_at, auth_time, amr, end_user
    from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    return;
  end if;
  if last_used_at < p_now - interval '60 seconds' then
    if last_used_at < date_trunc('day', p_now, 'UTC') then
      perform auth.note_active(p_project, (end_user->>'id')::uuid, p_now);
    end if;
    update auth.session s set last_used_at = p_now where s.project_id = p_project and s.id = p_session
      and s.last_used_at < p_now - interval '60 seconds';
  end if;
  if p_organization is not null then
    organization := auth.organization_claims(p_project, v_user, p_organization);
  end if;
  return next;
end $function$;
grant execute on function auth.live_session to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.local_sign_in(p_project uuid, p_email text, p_user uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_answer text;
begin
  -- No project without such a connection reads more than this index.
  if not exists (select from auth.sso_connection c where c.project_id = p_project and c.enforce and c.state = 'active') then
    return 'free';
  end if;
  select case when c.local_login and exists (select from auth.sso_break_glass g where g.project_id = p_project and g.end_user_id = p_user)
      then 'break_glass' else 'refused' end into v_answer
    from auth.email_domain d join auth.sso_connection c on c.project_id = p_project and c.id = d.connection_id
    where d.project_id = p_project and d.domain = split_part(p_email, '@', 2) and d.verified_at is not null
      and c.enforce and c.state = 'active';
  return coalesce(v_answer, 'free');
end $function$;
grant execute on function auth.local_sign_in to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.mail_about_webhook(p_endpoint uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_endpoint record;
  v_project record;
  v_projects uuid[];
  v_users uuid[];
begin
  select e.project_id, e.url, e.failing_since into v_endpoint from auth.webhook_endpoint e where e.id = p_endpoint;
  if found then
    select p.tenant_id, p.name into v_project from platform.project p where p.id = v_endpoint.project_id;
  else
    select t.tenant_id, null::text as name into v_project from platform.webhook_endpoint t where t.id = p_endpoint;
    select t.url, t.failing_since into v_endpoint from platform.webhook_endpoint t where t.id = p_endpoint;
  end if;
  select array_agg(o.people_project_id), array_agg(o.user_id) into v_projects, v_users from auth.tenant_operators(v_project.tenant_id) o;
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
    select o.project_id, gen_random_uuid(), 'security_notice', jsonb_build_object('end_user_id', o.user_id,
        'event', 'webhook_disabled', 'about', jsonb_build_object(
          'connection', left(substring(v_endpoint.url from '^https?://([^/?#]+)'), 200) || coalesce(' (' || v_project.name || ')', ''),
          'date', to_char(v_endpoint.failing_since at time zone 'UTC', 'YYYY-MM-DD'))), p_now, p_now
    from unnest(v_projects, v_users) o (project_id, user_id)
    on conflict do nothing;
end $function$;
grant execute on function auth.mail_about_webhook to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.mail_reputation(p_project uuid, p_now timestamp with time zone)
 RETURNS TABLE(sent integer, bounced integer, complained integer)
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  return query select count(*)::integer, (count(*) filter (where l.gone))::integer, (count(*) filter (where l.spam))::integer from (
    select o.status = 'dead' or (o.delivery = 'bounced' and coalesce(o.last_error, '') not like 'transient%') as gone,
        coalesce(o.delivery = 'complained', false) as spam
      from auth.outbox o where o.project_id = p_project and o.created_at > p_now - interval '7 days'
        and (o.status = 'sent' or (o.status = 'dead' and o.last_error like 'smtp\_5%'))
      order by o.created_at desc, o.id desc limit 1000) l;
end $function$;
grant execute on function auth.mail_reputation to portico_worker;

CREATE OR REPLACE FUNCTION auth.mail_senders(p_project uuid)
 RETURNS TABLE(owner text, owner_id uuid, id uuid, kind text, from_address text, config jsonb, secret_sealed bytea, state text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query
    select 'project'::text, s.project_id, s.id, s.kind, s.from_address, s.config, s.secret_sealed, s.state
      from auth.mail_sender s where s.project_id = p_project and s.state <> 'pending';
  return query
    select 'tenant'::text, t.tenant_id, t.id, t.kind, t.from_address, t.config, t.secret_sealed, t.state
      from platform.project p join platform.mail_sender t on t.tenant_id = p.tenant_id where p.id = p_project and t.state <> 'pending';
end $function$;
alter function auth.mail_senders owner to portico_maintenance;
grant execute on function auth.mail_senders to portico_worker;

CREATE OR REPLACE FUNCTION auth.master_key_canary()
 RETURNS bytea
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select i.canary from platform.installation i $function$;
alter function auth.master_key_canary owner to portico_maintenance;
grant execute on function auth.master_key_canary to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.merge_app_metadata(p_project uuid, p_user uuid, p_metadata jsonb, p_most integer)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_merged jsonb;
begin
  update auth.end_user u set app_metadata = u.app_metadata || p_metadata
    where u.project_id = p_project and u.id = p_user and octet_length((u.app_metadata || p_metadata)::text) <= p_most
    returning u.app_metadata into v_merged;
  return v_merged;
end $function$;
alter function auth.merge_app_metadata owner to portico_maintenance;
grant execute on function auth.merge_app_metadata to portico_data;

CREATE OR REPLACE FUNCTION auth.note_active(p_project uuid, p_user uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_day date := (p_now at time zone 'UTC')::date;
begin
  insert into auth.active_day (project_id, day, end_user_id) values (p_project, v_day, p_user) on conflict do nothing;
  insert into auth.active_month (project_id, month, end_user_id) values (p_project, date_trunc('month', v_day)::date, p_user)
    on conflict do nothing;
end $function$;
grant execute on function auth.note_active to portico_data;

CREATE OR REPLACE FUNCTION auth.note_audit_part(p_stream uuid, p_subject uuid, p_seq bigint, p_signature_seq bigint, p_lease_seconds integer, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update metering.audit_stream s set delivered_at = p_now, parts = s.parts + 1,
      leased_until = p_now + make_interval(secs => p_lease_seconds)
    where s.id = p_stream;
  if found then
    insert into metering.audit_stream_place as w (stream_id, subject_id, seq, signature_seq)
      values (p_stream, p_subject, p_seq, p_signature_seq)
      on conflict (stream_id, subject_id) do update set seq = greatest(w.seq, excluded.seq),
        signature_seq = greatest(w.signature_seq, excluded.signature_seq);
  end if;
end $function$;
alter function auth.note_audit_part owner to portico_maintenance;
grant execute on function auth.note_audit_part to portico_worker;

CREATE OR REPLACE FUNCTION auth.note_delivery(p_project uuid, p_id uuid, p_provider_id text, p_delivery text, p_reason text, p_detail text, p_suppress text, p_now timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_ranks text[] := array['delayed', 'delivered', 'bounced', 'complained'];
  v_kind text;
begin
  update auth.outbox o set delivery = p_delivery, delivery_at = p_now, last_error = coalesce(p_reason, o.last_error),
      last_detail = coalesce(p_detail, o.last_detail)
    where o.project_id = p_project and o.id = p_id and o.provider_id = p_provider_id
      and coalesce(array_position(v_ranks, o.delivery), 0) < array_position(v_ranks, p_delivery)
    returning o.kind into v_kind;
  if v_kind is null then return null; end if;
  if p_delivery in ('bounced', 'complained') then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_project, 'mail.' || p_delivery, 'system', 'mail', p_id::text,
        jsonb_strip_nulls(jsonb_build_object('kind', v_kind, 'reason', p_reason)), p_now);
  end if;
  if p_suppress is null then return null; end if;
  insert into auth.suppressed_address (project_id, address, reason, since) values (p_project, p_suppress, p_delivery, p_now)
    on conflict (project_id, address) do nothing;
  return p_suppress;
end $function$;
grant execute on function auth.note_delivery to portico_control;

CREATE OR REPLACE FUNCTION auth.note_hash_ms(p_projects uuid[], p_milliseconds bigint[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  perform auth.add_counts('hash.ms', p_projects, array_fill(''::text, array[cardinality(p_projects)]), p_milliseconds, p_now);
end $function$;
alter function auth.note_hash_ms owner to portico_maintenance;
grant execute on function auth.note_hash_ms to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.note_hook_state(p_project uuid, p_id uuid, p_failing boolean, p_reason text, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_hook text;
begin
  update auth.hook h set failing_since = case when p_failing then p_now end
    where h.project_id = p_project and h.id = p_id and (h.failing_since is null) = p_failing returning h.hook into v_hook;
  if v_hook is null then
    return false;
  end if;
  insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
    values (p_project, case when p_failing then 'hook.failing' else 'hook.recovered' end, 'system', 'hook', v_hook,
      case when p_failing then jsonb_build_object('reason', p_reason) else '{}'::jsonb end, p_now);
  return true;
end $function$;
alter function auth.note_hook_state owner to portico_maintenance;
grant execute on function auth.note_hook_state to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.note_mail_limited(p_project uuid, p_metadata jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select 1 from auth.audit_event a where a.project_id = p_project and a.created_at > p_now - interval '24 hours'
      and a.action = 'mail.project_limited') then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_project, 'mail.project_limited', 'system', 'project', 'proj_' || p_project, p_metadata, p_now);
  end if;
end $function$;
alter function auth.note_mail_limited owner to portico_maintenance;
grant execute on function auth.note_mail_limited to portico_worker;

CREATE OR REPLACE FUNCTION auth.note_mail_sender(p_owner text, p_owner_id uuid, p_id uuid, p_state text, p_code text, p_detail text, p_config jsonb, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_before text;
  v_action text;
  v_metadata jsonb;
begin
  if p_owner = 'project' then
    select s.state into v_before from auth.mail_sender s where s.project_id = p_owner_id and s.id = p_id for update;
  else
    select t.state into v_before from platform.mail_sender t where t.tenant_id = p_owner_id and t.id = p_id for update;
  end if;
  if v_before is null then return false; end if;
  if p_owner = 'project' then
    update auth.mail_sender s set state = p_state, config = coalesce(p_config, s.config), failing_code = p_code, failing_detail = p_detail,
        failing_since = case when p_state = 'failing' then coalesce(s.failing_since, p_now) end
      where s.project_id = p_owner_id;
  else
    update platform.mail_sender t set state = p_state, config = coalesce(p_config, t.config), failing_code = p_code,
        failing_detail = p_detail, failing_since = case when p_state = 'failing' then coalesce(t.failing_since, p_now) end
      where t.tenant_id = p_owner_id;
  end if;
  if v_before = p_state then return false; end if;
  v_action := case when p_state = 'failing' then 'mail.sender_failing' else 'mail.sender_ready' end;
  v_metadata := case when p_code is null then '{}'::jsonb else jsonb_build_object('code', p_code) end;
  if p_owner = 'project' then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_owner_id, v_action, 'system', 'mail_sender', p_id::text, v_metadata, p_now);
    insert into auth.change (project_id, changed_at) values (p_owner_id, p_now);
  else
    insert into platform.audit_event (tenant_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_owner_id, v_action, 'system', 'mail_sender', p_id::text, v_metadata, p_now);
    insert into auth.change (project_id, changed_at) select p.id, p_now from platform.project p where p.tenant_id = p_owner_id
      on conflict do nothing;
  end if;
  return true;
end $function$;
alter function auth.note_mail_sender owner to portico_maintenance;
grant execute on function auth.note_mail_sender to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.note_project_change(p_of uuid, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  insert into auth.change (project_id, changed_at) values (p_of, p_now);
end $function$;
alter function auth.note_project_change owner to portico_maintenance;
grant execute on function auth.note_project_change to portico_control;

CREATE OR REPLACE FUNCTION auth.note_tenant_audit(p_tenant uuid, p_audit jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  insert into platform.audit_event (tenant_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_tenant, p_audit->>'action', p_audit->>'actor_type', p_audit->>'actor_id', 'tenant', 'tnt_' || p_tenant, p_audit->>'ip',
      p_audit->>'user_agent', coalesce(p_audit->'metadata', '{}'), p_now);
end $function$;
alter function auth.note_tenant_audit owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.open_rotations()
 RETURNS TABLE(project_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$ select r.project_id from auth.key_rotation r order by r.started_at limit 1000 $function$;
alter function auth.open_rotations owner to portico_maintenance;
grant execute on function auth.open_rotations to portico_worker;

CREATE OR REPLACE FUNCTION auth.organization_claims(p_project uuid, p_user uuid, p_organization uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return (select json_build_object('id', o.id, 'slug', o.slug, 'role', m.role, 'permissions', (
      select r.permissions from auth.organization_role r
      where r.project_id = p_project and r.key = m.role and (r.organization_id is null or r.organization_id = p_organization)
      order by r.organization_id nulls last limit 1))
    from auth.organization_membership m join auth.organization o on o.project_id = p_project and o.id = p_organization
    where m.project_id = p_project and m.organization_id = p_organization and m.end_user_id = p_user);
end $function$;
grant execute on function auth.organization_claims to portico_data;

CREATE OR REPLACE FUNCTION auth.outbox_backlog(p_now timestamp with time zone)
 RETURNS TABLE(waiting bigint, dead bigint, oldest_seconds double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  return query
  select count(*) filter (where o.status in ('pending', 'enqueued')), count(*) filter (where o.status = 'dead'),
    coalesce(extract(epoch from p_now - min(o.created_at) filter (where o.status in ('pending', 'enqueued'))), 0)::double precision
  from auth.outbox o where o.status in ('pending', 'enqueued', 'dead');
end $function$;
alter function auth.outbox_backlog owner to portico_maintenance;
grant execute on function auth.outbox_backlog to portico_worker;

CREATE OR REPLACE FUNCTION auth.pending_mail_senders(p_limit integer)
 RETURNS TABLE(owner text, owner_id uuid, id uuid, config jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select 'project'::text, s.project_id, s.id, s.config from auth.mail_sender s where s.state = 'pending' limit p_limit;
  return query select 'tenant'::text, t.tenant_id, t.id, t.config from platform.mail_sender t where t.state = 'pending' limit p_limit;
end $function$;
alter function auth.pending_mail_senders owner to portico_maintenance;
grant execute on function auth.pending_mail_senders to portico_worker;

CREATE OR REPLACE FUNCTION auth.project_of_tenant(p_tenant uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return (select p.id from platform.project p where p.tenant_id = p_tenant order by p.archived_at is not null, p.created_at, p.id limit 1);
end $function$;
grant execute on function auth.project_of_tenant to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.publish_audit_key(p_key jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select 1 from platform.audit_key k where k.kid = p_key->>'kid') then
    insert into platform.audit_key (kid, public_jwk, created_at) values (p_key->>'kid', p_key, p_now) on conflict do nothing;
  end if;
end $function$;
alter function auth.publish_audit_key owner to portico_maintenance;
grant execute on function auth.publish_audit_key to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.receive_domain(p_project uuid, p_id uuid, p_hostname text, p_from uuid, p_by jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update auth.service s set env_version = s.env_version + 1
    where s.project_id = p_project and s.settings ->> 'token_issuer' = 'main_domain';
  insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_project, 'domain.received', p_by ->> 'type', p_by ->> 'id', 'domain', 'dom_' || p_id, p_by ->> 'ip', p_by ->> 'user_agent',
      jsonb_build_object('hostname', p_hostname, 'from_project', 'proj_' || p_from), p_now);
  insert into auth.change (project_id, changed_at) values (p_project, p_now);
end $function$;
alter function auth.receive_domain owner to portico_maintenance;
grant execute on function auth.receive_domain to portico_control;

CREATE OR REPLACE FUNCTION auth.release_audit_stream(p_stream uuid, p_problem text, p_next timestamp with time zone, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_tenant uuid;
  v_failing timestamptz;
begin
  select s.tenant_id, s.failing_since into v_tenant, v_failing from metering.audit_stream s where s.id = p_stream for update;
  if not found then return; end if;
  update metering.audit_stream s set leased_until = null, next_attempt_at = p_next, problem = p_problem,
    attempts = case when p_problem is null then 0 else s.attempts + 1 end,
    failing_since = case when p_problem is null then null else coalesce(s.failing_since, p_now) end
    where s.id = p_stream;
  if (p_problem is null) <> (v_failing is null) then
    perform auth.note_tenant_audit(v_tenant, jsonb_build_object('actor_type', 'system', 'action',
      case when p_problem is null then 'audit.stream_recovered' else 'audit.stream_failing' end), p_now);
  end if;
end $function$;
alter function auth.release_audit_stream owner to portico_maintenance;
grant execute on function auth.release_audit_stream to portico_worker;

CREATE OR REPLACE FUNCTION auth.remove_audit_stream(p_tenant uuid, p_audit jsonb, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  delete from metering.audit_stream s where s.tenant_id = p_tenant;
  if not found then return false; end if;
  perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
  return true;
end $function$;
alter function auth.remove_audit_stream owner to portico_maintenance;
grant execute on function auth.remove_audit_stream to portico_control;

CREATE OR REPLACE FUNCTION auth.renew_attention(p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_hour timestamptz := date_trunc('hour', p_now, 'UTC');
  v_found jsonb;
  v_domains jsonb;
  v_known_as jsonb;
  v_known uuid[];
  v_over record;
begin
  select jsonb_agg(to_jsonb(f)) into v_found from (
    select r.project_id, 'rotation_waiting' as kind, '' as detail, r.started_at as since from auth.key_rotation r
    union all
    select h.project_id, 'mail_given_up', '', min(h.hour) from auth.hourly_count h
    where h.hour > v_hour - interval '24 hours' and h.kind = 'mail' and h.detail = 'dead' group by h.project_id
    union all
    select h.project_id, 'provider_failing', h.detail, min(h.hour) from auth.hourly_count h
    where h.hour > v_hour - interval '6 hours' and h.kind = 'provider.refused' group by h.project_id, h.detail having sum(h.count) >= 3
    union all
    select h.project_id, 'failures_rose', '', min(h.hour) filter (where h.hour >= v_hour - interval '1 hour')
    from auth.hourly_count h where h.hour >= v_hour - interval '25 hours' and h.hour <= v_hour and h.kind = 'sign_in.refused'
    group by h.project_id
    having coalesce(sum(h.count) filter (where h.hour >= v_hour - interval '1 hour'), 0)
      >= greatest(20, 3 * coalesce(sum(h.count) filter (where h.hour < v_hour - interval '1 hour'), 0) / 12)) f;
  select jsonb_agg(to_jsonb(f)) into v_domains from (
    select d.project_id, 'domain_unverified' as kind, d.hostname as detail, d.created_at as since
    from auth.domain d where d.verified_at is null
    union all
    select d.project_id, 'domain_unverified', d.hostname, d.proof_missing_since from auth.domain d
    where d.verified_at is not null and d.proof_missing_since is not null) f;
  v_found := coalesce(v_found, '[]') || coalesce(v_domains, '[]');
  select jsonb_agg(to_jsonb(a)) into v_known_as from (select t.project_id, t.kind, t.detail from auth.attention t) a;
  for v_over in
    select a.* from jsonb_to_recordset(v_known_as) a (project_id uuid, kind text, detail text)
    where not exists (select 1 from jsonb_to_recordset(v_found) f (project_id uuid, kind text, detail text)
      where f.project_id = a.project_id and f.kind = a.kind and f.detail = a.detail)
  loop
    delete from auth.attention a where a.project_id = v_over.project_id and a.kind = v_over.kind and a.detail = v_over.detail;
  end loop;
  select array_agg(s.project_id) into v_known from auth.service s
    where s.project_id = any (array(select f.project_id from jsonb_to_recordset(v_found) f (project_id uuid)));
  insert into auth.attention (project_id, kind, detail, since)
    select f.project_id, f.kind, f.detail, f.since
    from jsonb_to_recordset(v_found) f (project_id uuid, kind text, detail text, since timestamptz) where f.project_id = any (v_known)
  on conflict (project_id, kind, detail) do nothing;
end $function$;
alter function auth.renew_attention owner to portico_maintenance;
grant execute on function auth.renew_attention to portico_worker;

CREATE OR REPLACE FUNCTION auth.resend_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_delivery uuid, p_now timestamp with time zone)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_id uuid;
  v_project uuid;
begin
  if exists (select 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant and e.disabled_at is null) then
    select d.project_id into v_project from auth.webhook_delivery d where d.endpoint_id = p_endpoint and d.id = p_delivery;
  end if;
  insert into auth.webhook_delivery as n (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
    select d.project_id, d.endpoint_id, d.message_id, d.subject, d.number, p_now, p_now
    from auth.webhook_delivery d where d.project_id = v_project and d.endpoint_id = p_endpoint and d.id = p_delivery
    returning n.id into v_id;
  return v_id;
end $function$;
alter function auth.resend_tenant_webhook owner to portico_maintenance;
grant execute on function auth.resend_tenant_webhook to portico_control;

CREATE OR REPLACE FUNCTION auth.resolve_host(p_hostname text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return (
  select d.project_id from auth.domain d where d.hostname = p_hostname and d.verified_at is not null);
end $function$;
alter function auth.resolve_host owner to portico_maintenance;
grant execute on function auth.resolve_host to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.resolve_project(p_project uuid)
 RETURNS TABLE(project_id uuid, tenant_id uuid, name text, resource_type text, external_project_id text, archived boolean, enabled boolean, first_enabled_at timestamp with time zone, settings jsonb, env_version integer, created_at timestamp with time zone, updated_at timestamp with time zone, keys jsonb, token_key_sealed bytea, own_mail_sender boolean, own_mail_templates boolean, sign_ups_paused text, main_domain text, main_domain_serves boolean, hooks jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_project record;
  v_main record;
begin
  -- The project's own row and its tenant's sender lie on the first machine, the rest on the one that holds the project.
  select p.*, exists (select 1 from platform.mail_sender t where t.tenant_id = p.tenant_id and t.state <> 'pending') as tenant_sends
    into v_project from platform.project p where p.id = p_project;
  if not found then
    return;
  end if;
  -- What an operator made the main one is taken to lead here, whatever stands in between.
  select d.hostname, d.points_here_since is not null or d.main_at is not null as serves into v_main from auth.domain d
    where d.project_id = p_project and d.verified_at is not null
    order by d.main_at desc nulls last, d.verified_at, d.hostname limit 1;
  return query
  select s.project_id, v_project.tenant_id, v_project.name, v_project.resource_type, v_project.external_project_id,
    v_project.archived_at is not null, s.enabled, s.first_enabled_at, s.settings, s.env_version, s.created_at, s.updated_at,
    coalesce((select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'state', k.state, 'sealed', encode(k.sealed, 'base64'),
        'public_jwk', k.public_jwk, 'created_at', k.created_at, 'verify_until', k.verify_until) order by k.created_at, k.kid)
      from auth.signing_key k where k.project_id = p_project), '[]'::jsonb),
    s.token_key_sealed,
    v_project.tenant_sends or exists (select 1 from auth.mail_sender m where m.project_id = p_project and m.state <> 'pending'),
    exists (select 1 from auth.mail_template t where t.project_id = p_project),
    s.sign_ups_paused, v_main.hostname, coalesce(v_main.serves, false),
    (select jsonb_object_agg(h.hook, jsonb_build_object('id', h.id, 'url', h.url, 'on_failure', h.on_failure,
        'sealed', encode(h.secret_sealed, 'base64')))
      from auth.hook h where h.project_id = p_project and h.enabled)
  from auth.service s where s.project_id = p_project;
end $function$;
alter function auth.resolve_project owner to portico_maintenance;
grant execute on function auth.resolve_project to portico_control, portico_data, portico_worker;

CREATE OR REPLACE FUNCTION auth.roll_up_active(p_day date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_day timestamptz := p_day::timestamp at time zone 'UTC';
  v_month timestamptz := date_trunc('month', v_day, 'UTC');
  v_chunk uuid[];
  v_changed uuid[];
begin
  -- By thousands of projects: an index of each knows the day, and none of all together.
  for v_chunk in
    select array_agg(p.id) from (
      select o.id, (row_number() over (order by o.id) - 1) / 1000 as part from platform.project o where o.archived_at is null) p
    group by p.part
  loop
    select array_agg(d.project_id) into v_changed from (
        select a.project_id, count(*) as count from auth.active_day a where a.project_id = any (v_chunk) and a.day = p_day group by 1) d
      left join (select h.project_id, h.count from auth.hourly_count h
        where h.project_id = any (v_chunk) and h.hour = v_day and h.kind = 'active.day' and h.detail = '') h on h.project_id = d.project_id
      where d.count is distinct from h.count;
    continue when v_changed is null;
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
      select a.project_id, v_day, 'active.day', '', count(*) from auth.active_day a
        where a.project_id = any (v_changed) and a.day = p_day group by a.project_id
      on conflict (project_id, hour, kind, detail) do update set count = excluded.count;
    insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
      select a.project_id, v_month, 'active.month', '', count(*) from auth.active_month a
        where a.project_id = any (v_changed) and a.month = date_trunc('month', p_day)::date group by a.project_id
      on conflict (project_id, hour, kind, detail) do update set count = excluded.count;
  end loop;
  -- `offset 0`: what lies on several machines is gathered first, and then met with what lies on this one.
  insert into metering.tenant_hourly_count as t (tenant_id, hour, kind, detail, count)
    select p.tenant_id, h.hour, h.kind, '', sum(h.count) from (
        select c.project_id, c.hour, c.kind, c.count from auth.hourly_count c
        where c.hour in (v_day, v_month) and ((c.hour = v_day and c.kind = 'active.day') or (c.hour = v_month and c.kind = 'active.month'))
        offset 0) h
      join platform.project p on p.id = h.project_id
    group by 1, 2, 3
  on conflict (tenant_id, hour, kind, detail) do update set count = excluded.count where t.count <> excluded.count;
end $function$;
alter function auth.roll_up_active owner to portico_maintenance;
grant execute on function auth.roll_up_active to portico_worker;

CREATE OR REPLACE FUNCTION auth.roll_up_mails(p_since timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_from timestamptz := date_trunc('hour', p_since, 'UTC');
  v_ended jsonb;
begin
  select jsonb_agg(to_jsonb(e)) into v_ended from (
    select o.project_id, date_trunc('hour', o.done_at, 'UTC') as hour, o.status, count(*) as count
    from auth.outbox o where o.done_at >= v_from group by 1, 2, 3) e;
  insert into auth.hourly_count as h (project_id, hour, kind, detail, count)
    select e.project_id, e.hour, 'mail', e.status, e.count
    from jsonb_to_recordset(v_ended) e (project_id uuid, hour timestamptz, status text, count bigint) order by 1, 2, 4
    on conflict (project_id, hour, kind, detail) do update set count = excluded.count where h.count <> excluded.count;
  insert into metering.tenant_hourly_count as h (tenant_id, hour, kind, detail, count)
    select p.tenant_id, e.hour, 'mail', e.status, sum(e.count)
    from jsonb_to_recordset(v_ended) e (project_id uuid, hour timestamptz, status text, count bigint)
    join platform.project p on p.id = e.project_id group by 1, 2, 4
    on conflict (tenant_id, hour, kind, detail) do update set count = excluded.count where h.count <> excluded.count;
end $function$;
alter function auth.roll_up_mails owner to portico_maintenance;
grant execute on function auth.roll_up_mails to portico_worker;

CREATE OR REPLACE FUNCTION auth.roll_up_totals(p_now timestamp with time zone, p_limit integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_project uuid;
  v_begun timestamptz;
  v_took integer;
  v_counted integer := 0;
begin
  for v_project in
    select t.project_id from auth.project_total t
    where (t.stale or t.counted_at < p_now - interval '1 hour')
      and (t.counted_at is null or t.counted_at < p_now - t.count_ms * interval '200 milliseconds')
    order by t.counted_at nulls first limit p_limit
  loop
    -- Another worker may have been at it.
    perform 1 from auth.project_total t where t.project_id = v_project and (t.stale or t.counted_at < p_now - interval '1 hour')
      for update skip locked;
    continue when not found;
    v_begun := clock_timestamp();
    update auth.project_total t set stale = false, counted_at = p_now, people = u.people, confirmed = u.confirmed, disabled = u.disabled,
        open_sessions = (select count(*) from auth.session s where s.project_id = v_project and s.ended_at is null
          and (s.expires_at is null or s.expires_at > p_now))
      from (select count(*) as people, count(e.email_verified_at) as confirmed, count(e.disabled_at) as disabled
        from auth.end_user e where e.project_id = v_project) u
      where t.project_id = v_project;
    insert into auth.people_day as d (project_id, day, people, counted_at)
      select v_project, (p_now at time zone 'UTC')::date, t.people, p_now from auth.project_total t where t.project_id = v_project
      on conflict (project_id, day) do update set people = excluded.people, counted_at = excluded.counted_at;
    v_took := ceil(extract(epoch from clock_timestamp() - v_begun) * 1000);
    update auth.project_total t set count_ms = v_took where t.project_id = v_project;
    v_counted := v_counted + 1;
  end loop;
  insert into metering.tenant_total as t (tenant_id, projects, people, confirmed, counted_at)
    select p.tenant_id, count(*) filter (where p.archived_at is null), coalesce(sum(c.people) filter (where p.archived_at is null), 0),
      coalesce(sum(c.confirmed) filter (where p.archived_at is null), 0), p_now
    from platform.project p
    -- `offset 0`: what lies on several machines is gathered first, and then met with what lies on this one.
    left join (select t.project_id, t.people, t.confirmed from auth.project_total t offset 0) c on c.project_id = p.id
    group by p.tenant_id
  on conflict (tenant_id) do update set projects = excluded.projects, people = excluded.people, confirmed = excluded.confirmed,
    counted_at = excluded.counted_at;
  return v_counted;
end $function$;
alter function auth.roll_up_totals owner to portico_maintenance;
grant execute on function auth.roll_up_totals to portico_worker;

CREATE OR REPLACE FUNCTION auth.rolled_up_at()
 RETURNS TABLE(events_at timestamp with time zone, tables_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select (select r.complete_at from metering.event_reader r), (select max(t.counted_at) from metering.tenant_total t);
end $function$;
alter function auth.rolled_up_at owner to portico_maintenance;
grant execute on function auth.rolled_up_at to portico_control, portico_worker;

CREATE OR REPLACE FUNCTION auth.rotate_session(p_project uuid, p_session uuid, p_generation integer, p_now timestamp with time zone, p_grace_seconds integer, p_idle_seconds integer, p_ip text, p_user_agent text, p_traceparent text DEFAULT NULL::text)
 RETURNS TABLE(outcome text, child integer, auth_time timestamp with time zone, amr text[], expires_at timestamp with time zone, end_user json, organization json)
 LANGUAGE plpgsql
 ROWS 1
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid;
  v_used timestamptz;
  v_rotated timestamptz;
  v_agent text;
  v_in_grace boolean;
  v_today timestamptz := date_trunc('day', p_now, 'UTC');
  v_day_used timestamptz;
  v_organization uuid;
begin
  -- The loser of a race waits here for the winner's commit and then finds a higher generation. A lower one than presented is no mistake of
  -- the caller's: the database was restored to a moment before tokens that it has given out.
  update auth.session s set generation = p_generation + 1, rotated_at = p_now, last_used_at = greatest(s.last_used_at, p_now),
      day_used_at = case when s.last_used_at < v_today then p_now else s.day_used_at end,
      ip = coalesce(p_ip, s.ip), user_agent = p_user_agent
    where s.project_id = p_project and s.id = p_session and s.generation <= p_generation and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds)
      -- A subquery for its value: `exists` is made a join, which read all users of the project on a table without statistics.
      and (select true from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    returning s.generation, s.auth_time, s.amr, s.expires_at, s.end_user_id, s.day_used_at, s.organization_id
    into child, auth_time, amr, expires_at, v_user, v_day_used, v_organization;
  if found then
    -- Not in what the update returns: over several machines that holds values of the row alone.
    select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row) into end_user
      from auth.end_user u where u.project_id = p_project and u.id = v_user;
    -- Null, nearly always.
    if v_organization is not null then
      organization := auth.organization_claims(p_project, v_user, v_organization);
    end if;
    if v_day_used = p_now then
      perform auth.note_active(p_project, v_user, p_now);
    end if;
    outcome := 'rotated';
    return next;
    return;
  end if;
  select s.generation, s.rotated_at, s.user_agent, s.last_used_at, s.end_user_id, s.organization_id, s.auth_time, s.amr, s.expires_at,
      (select row_to_json(row(u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
        u.last_sign_in_at, u.app_metadata)::auth.end_user_row)
        from auth.end_user u where u.project_id = p_project and u.id = s.end_user_id and u.disabled_at is null)
    into child, v_rotated, v_agent, v_used, v_user, v_organization, auth_time, amr, expires_at, end_user
    from auth.session s
    where s.project_id = p_project and s.id = p_session and s.ended_at is null
      and (s.expires_at is null or s.expires_at > p_now) and s.last_used_at > p_now - make_interval(secs => p_idle_seconds);
  if end_user is null then
    outcome := 'ended';
    return next;
    return;
  end if;
  v_in_grace := p_now < v_rotated + make_interval(secs => p_grace_seconds);
  if p_generation = child - 1 and (v_in_grace or v_agent is not distinct from p_user_agent) then
    if v_used < p_now - interval '60 seconds' then
      if v_used < v_today then
        perform auth.note_active(p_project, v_user, p_now);
      end if;
      update auth.session s set last_used_at = p_now
        where s.project_id = p_project and s.id = p_session and s.last_used_at < p_now - interval '60 seconds';
    end if;
    if not v_in_grace then
      -- Once a minute at the most: a client in a loop must not fill the log.
      update auth.session s set late_at = p_now
        where s.project_id = p_project and s.id = p_session and (s.late_at is null or s.late_at < p_now - interval '60 seconds');
      if found then
        insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at,
            traceparent)
          values (p_project, 'session.refreshed_late', 'end_user', v_user::text, 'session', p_session::text, p_ip, p_user_agent,
            jsonb_build_object('seconds', floor(extract(epoch from p_now - v_rotated))), p_now, p_traceparent);
      end if;
    end if;
    if v_organization is not null then
      organization := auth.organization_claims(p_project, v_user, v_organization);
    end if;
    outcome := 'replayed';
    return next;
    return;
  end if;
  update auth.session s set ended_at = p_now, end_reason = 'refresh_token_reused'
    where s.project_id = p_project and s.id = p_session and s.ended_at is null;
  if found then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
      values (p_project, gen_random_uuid(), 'security_notice', jsonb_build_object('end_user_id', v_user, 'event', 'session_reuse_detected'),
        p_now, p_now, p_traceparent);
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at, traceparent)
      values (p_project, 'session.reuse_detected', 'end_user', v_user::text, 'session', p_session::text, p_ip, p_user_agent, p_now,
        p_traceparent);
    insert into auth.change (project_id, end_user_id, changed_at) values (p_project, v_user, p_now);
  end if;
  outcome := 'reused';
  return next;
end $function$;
grant execute on function auth.rotate_session to portico_data;

CREATE OR REPLACE FUNCTION auth.sealed_audit_streams(p_id uuid, p_before bytea, p_fresh bytea)
 RETURNS TABLE(tenant_id uuid, id uuid, sealed bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if p_fresh is not null then
    return query update metering.audit_stream e set secret_sealed = p_fresh where e.id = p_id and e.secret_sealed = p_before
      returning e.tenant_id, e.id, e.secret_sealed;
  else
    return query select e.tenant_id, e.id, e.secret_sealed from metering.audit_stream e;
  end if;
end $function$;
alter function auth.sealed_audit_streams owner to portico_maintenance;
grant execute on function auth.sealed_audit_streams to portico_control;

CREATE OR REPLACE FUNCTION auth.sealed_tenant_senders(p_tenant uuid, p_before bytea, p_fresh bytea)
 RETURNS TABLE(tenant_id uuid, id uuid, sealed bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if p_fresh is not null then
    return query update platform.mail_sender t set secret_sealed = p_fresh where t.tenant_id = p_tenant and t.secret_sealed = p_before
      returning t.tenant_id, t.id, t.secret_sealed;
  else
    return query select t.tenant_id, t.id, t.secret_sealed from platform.mail_sender t where t.secret_sealed is not null;
  end if;
end $function$;
alter function auth.sealed_tenant_senders owner to portico_maintenance;
grant execute on function auth.sealed_tenant_senders to portico_control;

CREATE OR REPLACE FUNCTION auth.sealed_tenant_webhooks(p_id uuid, p_before bytea, p_fresh bytea)
 RETURNS TABLE(tenant_id uuid, id uuid, sealed bytea)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if p_fresh is not null then
    return query update platform.webhook_endpoint e set secret_sealed = p_fresh where e.id = p_id and e.secret_sealed = p_before
      returning e.tenant_id, e.id, e.secret_sealed;
  else
    return query select e.tenant_id, e.id, e.secret_sealed from platform.webhook_endpoint e;
  end if;
end $function$;
alter function auth.sealed_tenant_webhooks owner to portico_maintenance;
grant execute on function auth.sealed_tenant_webhooks to portico_control;

CREATE OR REPLACE FUNCTION auth.set_audit_stream(p_tenant uuid, p_stream jsonb, p_secret bytea, p_audit jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  delete from metering.audit_stream s where s.tenant_id = p_tenant and s.id <> (p_stream->>'id')::uuid;
  insert into metering.audit_stream as s (tenant_id, id, kind, config, secret_sealed, next_attempt_at, created_at, updated_at)
    values (p_tenant, (p_stream->>'id')::uuid, p_stream->>'kind', p_stream->'config', p_secret, p_now, p_now, p_now)
    on conflict (tenant_id) do update set kind = excluded.kind, config = excluded.config, secret_sealed = excluded.secret_sealed,
      attempts = 0, next_attempt_at = excluded.next_attempt_at, updated_at = excluded.updated_at;
  perform auth.note_tenant_audit(p_tenant, p_audit, p_now);
end $function$;
alter function auth.set_audit_stream owner to portico_maintenance;
grant execute on function auth.set_audit_stream to portico_control;

CREATE OR REPLACE FUNCTION auth.sign_audit_heads(p_key jsonb, p_day date, p_heads jsonb, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_subjects uuid[] := array(select h.subject_id from jsonb_to_recordset(p_heads) h (subject_id uuid));
  v_known uuid[];
begin
  -- Archived and purged meanwhile: there is nothing left to sign.
  select array_agg(s.project_id) into v_known from auth.service s where s.project_id = any (v_subjects);
  perform auth.publish_audit_key(p_key, p_now);
  insert into auth.audit_signature (project_id, seq, day, kid, jws, created_at)
    select h.subject_id, h.seq, p_day, p_key->>'kid', h.jws, p_now
    from jsonb_to_recordset(p_heads) h (kind text, subject_id uuid, seq bigint, jws text)
    where h.kind = 'proj' and h.subject_id = any (v_known)
    on conflict do nothing;
  insert into metering.tenant_audit_signature (tenant_id, seq, day, kid, jws, created_at)
    select h.subject_id, h.seq, p_day, p_key->>'kid', h.jws, p_now
    from jsonb_to_recordset(p_heads) h (kind text, subject_id uuid, seq bigint, jws text)
    where h.kind = 'tnt' and exists (select 1 from platform.tenant t where t.id = h.subject_id)
    on conflict do nothing;
end $function$;
alter function auth.sign_audit_heads owner to portico_maintenance;
grant execute on function auth.sign_audit_heads to portico_worker;

CREATE OR REPLACE FUNCTION auth.sign_up(p_project uuid, p_user jsonb, p_session jsonb, p_confirm_mail uuid, p_taken_mail uuid)
 RETURNS TABLE(outcome text, end_user jsonb)
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_now timestamptz := (p_user->>'now')::timestamptz;
  v_row auth.end_user_row;
  v_outcome text;
begin
  if p_user ? 'traceparent' then
    perform set_config('portico.traceparent', p_user->>'traceparent', true);
  end if;
  if auth.local_sign_in(p_project, p_user->>'email', null) = 'refused' then
    return query select 'sso_required'::text, null::jsonb;
    return;
  end if;
  insert into auth.end_user as u (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at, last_sign_in_at,
      first_sign_in_at, sign_up_challenge)
    values (p_project, (p_user->>'id')::uuid, p_user->>'email', p_user->>'email_typed', p_user->>'password_hash', p_user->'metadata', v_now,
      v_now, case when p_session is null then null else v_now end, case when p_session is null then null else v_now end,
      p_user->>'code_challenge')
    on conflict (project_id, email) where email <> '' do nothing
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
      u.last_sign_in_at, u.app_metadata into v_row;
  if v_row.id is null then
    if p_taken_mail is not null then
      insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
        values (p_project, p_taken_mail, 'sign_up_attempt',
          jsonb_strip_nulls(jsonb_build_object('address', p_user->>'email', 'asked_in', p_user->>'asked_in')), v_now, v_now,
          p_user->>'traceparent');
    end if;
    return query select 'taken'::text, null::jsonb;
    return;
  end if;
  if p_session is not null then
    v_outcome := auth.insert_session(p_project, v_row.id, p_session);
  end if;
  if p_confirm_mail is not null then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
      values (p_project, p_confirm_mail, 'email_confirm',
        jsonb_strip_nulls(jsonb_build_object('end_user_id', v_row.id, 'asked_in', p_user->>'asked_in')), v_now, v_now,
        p_user->>'traceparent');
  end if;
  insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, created_at)
    values (p_project, 'user.signed_up', 'end_user', v_row.id::text, 'end_user', v_row.id::text, p_user->>'ip', p_user->>'user_agent',
      v_now);
  return query select 'created'::text, to_jsonb(v_row);
end $function$;
grant execute on function auth.sign_up to portico_data;

CREATE OR REPLACE FUNCTION auth.signed_in_from(p_project uuid, p_email text, p_ip text, p_since timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid := (select u.id from auth.end_user u where u.project_id = p_project and u.email = p_email and u.email <> '');
begin
  return exists (select 1 from auth.session s
    where s.project_id = p_project and s.end_user_id = v_user and s.created_at > p_since
      and coalesce(s.end_reason, '') not in ('evicted', 'address_proven')
      and (s.ip = p_ip or case when p_ip like '%:%' and s.ip like '%:%'
        then network(set_masklen(s.ip::inet, 64)) = network(set_masklen(p_ip::inet, 64)) else false end));
end $function$;
grant execute on function auth.signed_in_from to portico_data;

CREATE OR REPLACE FUNCTION auth.start_session(p_project uuid, p_user uuid, p_checked_hash text, p_new_hash text, p_session jsonb)
 RETURNS TABLE(outcome text, end_user jsonb, factors jsonb, new_device boolean)
 LANGUAGE plpgsql
AS $function$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_now timestamptz := (p_session->>'now')::timestamptz;
  v_mfa text := p_session->>'mfa';
  v_row auth.end_user_row;
  v_hash text;
  v_outcome text := 'ok';
  v_new boolean := false;
  v_factors jsonb := '[]';
  v_local text := 'free';
  v_email text;
  v_amr text[];
begin
  if p_session ? 'traceparent' then
    perform set_config('portico.traceparent', p_session->>'traceparent', true);
  end if;
  -- What came through the identity provider of a connection says so, also after the second factor. Two questions and not one inside the
  -- other: each goes to the machine that holds the project, and none asks from there.
  if not (p_session->'amr' ? 'sso') then
    v_email := (select u.email from auth.end_user u where u.project_id = p_project and u.id = p_user);
    v_local := auth.local_sign_in(p_project, v_email, p_user);
  end if;
  if v_local = 'refused' then
    return query select 'sso_required'::text, null::jsonb, null::jsonb, false;
    return;
  end if;
  -- Anything but an explicit 'off' asks: a caller that forgets the policy gets no session for free.
  if v_mfa is distinct from 'off' and not (p_session->'amr' ? 'mfa') then
    v_factors := auth.active_factors(p_project, p_user);
    if v_factors <> '[]' then
      v_outcome := 'mfa_required';
    elsif v_mfa = 'required' then
      v_outcome := 'mfa_enrolment_required';
    end if;
  end if;
  update auth.end_user u set last_sign_in_at = case when v_outcome = 'ok' then v_now else u.last_sign_in_at end,
      first_sign_in_at = case when v_outcome = 'ok' then coalesce(u.first_sign_in_at, u.last_sign_in_at, v_now) else u.first_sign_in_at end,
      password_hash = coalesce(p_new_hash, u.password_hash)
    where u.project_id = p_project and u.id = p_user and u.disabled_at is null
      and (p_checked_hash is null or u.password_hash = p_checked_hash)
    returning u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at, u.updated_at,
      u.last_sign_in_at, u.app_metadata into v_row;
  if v_row.id is null then
    return query select 'stale'::text, null::jsonb, null::jsonb, false;
    return;
  end if;
  if v_outcome <> 'ok' then
    v_hash := coalesce(p_new_hash, p_checked_hash);
    v_amr := array(select jsonb_array_elements_text(p_session->'amr'));
    insert into auth.pending_sign_in (project_id, digest, end_user_id, kind, amr, password_digest, sso, created_at, expires_at)
      values (p_project, decode(p_session->>'pending_digest', 'hex'), p_user,
        case v_outcome when 'mfa_required' then 'verify' else 'enrol' end,
        v_amr, sha256(convert_to(v_hash, 'UTF8')),
        nullif(p_session->'sso', 'null'), v_now, v_now + make_interval(secs => (p_session->>'pending_seconds')::integer));
    return query select v_outcome, to_jsonb(v_row), v_factors, false;
    return;
  end if;
  if p_session ? 'device_print' then
    -- After the row of the person was locked by the update above: of several at once on one device one is the first.
    select coalesce(not bool_or(s.device_print = p_session->>'device_print'), false) into v_new from auth.session s
      where s.project_id = p_project and s.end_user_id = p_user and s.device_print is not null
        and coalesce(s.end_reason, '') not in ('evicted', 'address_proven', 'refused_by_app');
  end if;
  v_outcome := auth.insert_session(p_project, p_user, p_session);
  v_new := v_new and v_outcome = 'ok';
  if v_new then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.new_device', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip',
        p_session->>'user_agent', jsonb_build_object('device', p_session->>'device_print'), v_now);
  end if;
  if v_new and (p_session->>'new_device_mail')::boolean and v_row.email <> '' then
    insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      values (p_project, gen_random_uuid(), 'new_device', jsonb_build_object('end_user_id', p_user, 'device', p_session->>'device_print'),
        v_now, v_now);
  end if;
  if v_outcome = 'ok' then
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      values (p_project, 'session.started', 'end_user', p_user::text, 'session', p_session->>'id', p_session->>'ip',
        p_session->>'user_agent', jsonb_strip_nulls(jsonb_build_object('amr', p_session->'amr', 'connection', p_session->'connection')),
        v_now);
    if v_local = 'break_glass' then
      insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
        values (p_project, 'sso.bypassed', 'end_user', p_user::text, 'end_user', p_user::text, p_session->>'ip', p_session->>'user_agent',
          jsonb_build_object('amr', p_session->'amr'), v_now);
    end if;
  end if;
  return query select v_outcome, to_jsonb(v_row), '[]'::jsonb, v_new;
end $function$;
grant execute on function auth.start_session to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.start_webhook_replay(p_owner uuid, p_endpoint uuid, p_id uuid, p_since timestamp with time zone, p_until timestamp with time zone, p_types text[], p_most_running integer, p_most_of_day bigint, p_now timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_endpoint record;
begin
  select p_owner as project_id, e.disabled_at, null::uuid as tenant_id into v_endpoint from auth.webhook_endpoint e
    where e.project_id = p_owner and e.id = p_endpoint;
  if found then
    select p.tenant_id into v_endpoint.tenant_id from platform.project p where p.id = p_owner;
  else
    select null::uuid as project_id, t.disabled_at, t.tenant_id into v_endpoint from platform.webhook_endpoint t
      where t.tenant_id = p_owner and t.id = p_endpoint;
  end if;
  if v_endpoint.tenant_id is null then
    return 'missing';
  end if;
  if v_endpoint.disabled_at is not null then
    return 'off';
  end if;
  -- Two at once would both find room.
  perform pg_advisory_xact_lock(hashtextextended('webhook_replay ' || v_endpoint.tenant_id, 0));
  if exists (select 1 from platform.webhook_replay r where r.endpoint_id = p_endpoint and r.status = 'running') then
    return 'running';
  end if;
  if (select count(*) from platform.webhook_replay r
      where r.tenant_id = v_endpoint.tenant_id and r.status = 'running') >= p_most_running then
    return 'too_many';
  end if;
  if (select coalesce(sum(r.deliveries), 0) from platform.webhook_replay r
      where r.tenant_id = v_endpoint.tenant_id and r.created_at > p_now - interval '1 day') >= p_most_of_day then
    return 'too_much';
  end if;
  insert into platform.webhook_replay (id, tenant_id, of_project, endpoint_id, since, until, types, place_at, created_at, worked_at)
    values (p_id, v_endpoint.tenant_id, v_endpoint.project_id, p_endpoint, p_since, p_until, p_types, p_since, p_now, p_now);
  return 'started';
end $function$;
alter function auth.start_webhook_replay owner to portico_maintenance;
grant execute on function auth.start_webhook_replay to portico_control;

CREATE OR REPLACE FUNCTION auth.stats_state(p_tenant uuid, p_project uuid)
 RETURNS TABLE(complete_at timestamp with time zone, mails_waiting bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant and (p_project is null or p.id = p_project));
  v_complete_at timestamptz := (select r.complete_at from metering.event_reader r);
begin
  return query select v_complete_at, count(*) from auth.outbox o
    where o.project_id = any (v_projects) and o.status in ('pending', 'enqueued');
end $function$;
alter function auth.stats_state owner to portico_maintenance;
grant execute on function auth.stats_state to portico_control;

CREATE OR REPLACE FUNCTION auth.sweep_counts(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  gone bigint := 0;
  step bigint;
begin
  gone := gone + auth.sweep_rows('hourly_count', 't.hour < $1 - interval ''400 days''', p_now, p_limit);
  delete from metering.tenant_hourly_count where ctid = any (array(
    select c.ctid from metering.tenant_hourly_count c where c.hour < p_now - interval '400 days' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  gone := gone + auth.sweep_rows('active_day', 't.day < ($1 - interval ''40 days'')::date', p_now, p_limit, true);
  gone := gone + auth.sweep_rows('active_month', 't.month < ($1 - interval ''400 days'')::date', p_now, p_limit, true);
  gone := gone + auth.sweep_rows('people_day', 't.day < ($1 - interval ''400 days'')::date', p_now, p_limit, true);
  return gone;
end $function$;
alter function auth.sweep_counts owner to portico_maintenance;
grant execute on function auth.sweep_counts to portico_worker;

CREATE OR REPLACE FUNCTION auth.sweep_directories(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  gone bigint := 0;
  v_due record;
begin
  for v_due in select d.project_id, d.end_user_id, d.directory_id from auth.directory_user d where d.purge_at <= p_now limit p_limit loop
    -- The account is locked, and not what the directory says of it: so does whoever takes somebody back meanwhile.
    perform 1 from auth.end_user u join auth.directory_user d on d.project_id = u.project_id and d.end_user_id = u.id
      where u.project_id = v_due.project_id and u.id = v_due.end_user_id and d.directory_id = v_due.directory_id and d.purge_at <= p_now
      for update of u skip locked;
    continue when not found;
    insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
      values (v_due.project_id, 'user.deleted', 'system', null, 'end_user', v_due.end_user_id::text,
        jsonb_build_object('directory_id', v_due.directory_id), p_now);
    delete from auth.end_user u where u.project_id = v_due.project_id and u.id = v_due.end_user_id;
    gone := gone + 1;
  end loop;
  gone := gone + auth.sweep_rows('directory_event', 't.created_at < $1 - interval ''30 days''', p_now, p_limit);
  return gone;
end $function$;
alter function auth.sweep_directories owner to portico_maintenance;
grant execute on function auth.sweep_directories to portico_worker;

CREATE OR REPLACE FUNCTION auth.sweep_expired(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  gone bigint := 0;
  step bigint;
  v_project uuid;
begin
  gone := gone + auth.sweep_rows('one_time_token', 't.expires_at < $1 - interval ''7 days''', p_now, p_limit);
  -- An ended session is kept for a week, so that it can be told from one that never was.
  gone := gone + auth.sweep_rows('session', 't.ended_at < $1 - interval ''7 days''', p_now, p_limit);
  -- Idle for over a year (the largest setting) or past its absolute end.
  gone := gone + auth.sweep_rows('session',
    't.expires_at < $1 - interval ''7 days'' or t.last_used_at < $1 - interval ''366 days''', p_now, p_limit);
  -- By the clock that wrote it. Longer than a token lives.
  gone := gone + auth.sweep_rows('change', 't.noted_at < $1 - interval ''26 hours''', clock_timestamp(), p_limit);
  gone := gone + auth.sweep_rows('outbox', 't.done_at < $1 - interval ''30 days'' and t.status <> ''dead''', p_now, p_limit);
  gone := gone + auth.sweep_rows('signing_key', 't.state = ''retired'' and t.verify_until < $1 - interval ''30 days''', p_now, p_limit);
  gone := gone + auth.sweep_rows('instance', 'coalesce(t.ended_at, t.last_seen_at) < $1 - interval ''30 days''', p_now, p_limit);
  delete from platform.idempotency_record where ctid = any (array(
    select r.ctid from platform.idempotency_record r where r.expires_at < p_now limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from limits.rate_limit where ctid = any (array(
    select l.ctid from limits.rate_limit l where l.expire < extract(epoch from p_now) * 1000 limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  -- Archived for 30 days: purged with everything in it. No key leads from a table that is shared out to one that is not, so the rows of
  -- the project are told to go.
  for v_project in
    select p.id from platform.project p where p.archived_at < p_now - interval '30 days'
    limit greatest(p_limit / 100, 1) for update skip locked
  loop
    delete from auth.domain d where d.project_id = v_project;
    delete from auth.service s where s.project_id = v_project;
    delete from platform.project p where p.id = v_project;
    gone := gone + 1;
  end loop;
  return gone;
end $function$;
alter function auth.sweep_expired owner to portico_maintenance;
grant execute on function auth.sweep_expired to portico_worker;

CREATE OR REPLACE FUNCTION auth.sweep_factors(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  gone bigint := 0;
begin
  gone := gone + auth.sweep_rows('webauthn_challenge', 't.expires_at < $1', p_now, p_limit);
  gone := gone + auth.sweep_rows('pending_sign_in', 't.expires_at < $1', p_now, p_limit);
  return gone;
end $function$;
alter function auth.sweep_factors owner to portico_maintenance;
grant execute on function auth.sweep_factors to portico_worker;

CREATE OR REPLACE FUNCTION auth.sweep_rows(p_table text, p_due text, p_now timestamp with time zone, p_limit integer, p_walk boolean DEFAULT false)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_chunk uuid[];
  v_projects uuid[] := '{}';
  v_some uuid[];
  v_project uuid;
  v_rows bigint;
  v_gone bigint := 0;
begin
  if p_walk then
    for v_chunk in
      select array_agg(p.id) from (select o.id, (row_number() over (order by o.id) - 1) / 1000 as part from platform.project o) p
      group by p.part
    loop
      execute format('select array_agg(distinct d.project_id) from (select t.project_id from auth.%I t
        where t.project_id = any ($3) and %s limit $2) d', p_table, p_due) into v_some using p_now, p_limit, v_chunk;
      v_projects := v_projects || coalesce(v_some, '{}');
      exit when cardinality(v_projects) >= p_limit;
    end loop;
  else
    execute format('select array_agg(distinct d.project_id) from (select t.project_id from auth.%I t where %s limit $2) d', p_table, p_due)
      into v_projects using p_now, p_limit;
  end if;
  foreach v_project in array coalesce(v_projects, '{}') loop
    execute format('delete from auth.%1$I t where t.project_id = $3 and t.ctid = any (array(
      select t.ctid from auth.%1$I t where t.project_id = $3 and (%2$s) limit $2 for update skip locked))', p_table, p_due)
      using p_now, p_limit - v_gone, v_project;
    get diagnostics v_rows = row_count;
    v_gone := v_gone + v_rows;
    exit when v_gone >= p_limit;
  end loop;
  return v_gone;
end $function$;
alter function auth.sweep_rows owner to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.sweep_sign_in(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  gone bigint := 0;
begin
  gone := gone + auth.sweep_rows('email_challenge', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('oauth_flow', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('exchange_code', 't.expires_at < $1 - interval ''1 day''', p_now, p_limit);
  gone := gone + auth.sweep_rows('saml_assertion', 't.expires_at < $1 - interval ''1 hour''', p_now, p_limit);
  gone := gone + auth.sweep_rows('sso_attempt', 't.expires_at < $1', p_now, p_limit);
  return gone;
end $function$;
alter function auth.sweep_sign_in owner to portico_maintenance;
grant execute on function auth.sweep_sign_in to portico_worker;

CREATE OR REPLACE FUNCTION auth.sweep_webhooks(p_now timestamp with time zone, p_limit integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_rows bigint;
  v_gone bigint := 0;
begin
  v_gone := v_gone + auth.sweep_rows('webhook_delivery',
    't.created_at < $1 - interval ''30 days'' and t.status <> ''pending''', p_now, p_limit);
  v_gone := v_gone + auth.sweep_rows('webhook_message', 't.created_at < $1 - interval ''30 days'' and not exists (select 1
    from auth.webhook_delivery d where d.project_id = t.project_id and d.message_id = t.id)', p_now, p_limit);
  delete from platform.webhook_replay r where r.created_at < p_now - interval '30 days' and r.status <> 'running';
  get diagnostics v_rows = row_count;
  return v_gone + v_rows;
end $function$;
alter function auth.sweep_webhooks owner to portico_maintenance;
grant execute on function auth.sweep_webhooks to portico_worker;

CREATE OR REPLACE FUNCTION auth.tenant_attention(p_tenant uuid, p_limit integer)
 RETURNS TABLE(project_id uuid, project_name text, kind text, detail text, since timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_projects uuid[] := array(select p.id from platform.project p where p.tenant_id = p_tenant and p.archived_at is null);
begin
  return query
  select p.id, p.name, a.kind, a.detail, a.since from (
    select t.* from auth.attention t where t.project_id = any (v_projects) offset 0) a
  join platform.project p on p.id = a.project_id order by a.since, p.id, a.kind, a.detail limit p_limit;
end $function$;
alter function auth.tenant_attention owner to portico_maintenance;
grant execute on function auth.tenant_attention to portico_control;

CREATE OR REPLACE FUNCTION auth.tenant_audit_page(p_tenant uuid, p_actor text, p_action text, p_since timestamp with time zone, p_until timestamp with time zone, p_before_at timestamp with time zone, p_before_id uuid, p_limit integer)
 RETURNS TABLE(id uuid, action text, actor_type text, actor_id text, project_id uuid, resource text, resource_id text, ip text, user_agent text, metadata jsonb, created_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_project uuid;
  v_projects uuid[] := '{}';
  v_ids uuid[] := '{}';
  v_some uuid[];
begin
  -- The newest of each project, found by its own index, on the machine that holds it.
  for v_project in select p.id from platform.project p where p.tenant_id = p_tenant loop
    select array_agg(n.id) into v_some from (
      select e.id from auth.audit_event e
      where e.project_id = v_project and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at)
        and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit) n;
    continue when v_some is null;
    v_projects := v_projects || v_project;
    v_ids := v_ids || v_some;
  end loop;
  return query
  select * from (
    (select e.id, e.action, e.actor_type, e.actor_id, null::uuid as project_id, e.resource, e.resource_id, e.ip, e.user_agent,
        e.metadata, e.created_at
      from platform.audit_event e
      where e.tenant_id = p_tenant and (p_actor is null or e.actor_id = p_actor) and (p_action is null or e.action = p_action)
        and (p_since is null or e.created_at >= p_since) and (p_until is null or e.created_at < p_until)
        and (p_before_at is null or e.created_at <= p_before_at)
        and (p_before_at is null or (e.created_at, e.id) < (p_before_at, p_before_id))
      order by e.created_at desc, e.id desc limit p_limit)
    union all
    (select e.id, e.action, e.actor_type, e.actor_id, e.project_id, e.resource, e.resource_id, e.ip, e.user_agent, e.metadata, e.created_at
      from auth.audit_event e where e.project_id = any (v_projects) and e.id = any (v_ids)
      order by e.created_at desc, e.id desc limit p_limit offset 0)
  ) every
  order by every.created_at desc, every.id desc limit p_limit;
end $function$;
alter function auth.tenant_audit_page owner to portico_maintenance;
grant execute on function auth.tenant_audit_page to portico_control;

CREATE OR REPLACE FUNCTION auth.tenant_mail_sender(p_tenant uuid)
 RETURNS TABLE(id uuid, kind text, from_address text, config jsonb, secret_sealed bytea, state text, failing_code text, failing_detail text, failing_since timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select t.id, t.kind, t.from_address, t.config, t.secret_sealed, t.state, t.failing_code, t.failing_detail, t.failing_since,
    t.created_at, t.updated_at from platform.mail_sender t where t.tenant_id = p_tenant;
end $function$;
alter function auth.tenant_mail_sender owner to portico_maintenance;
grant execute on function auth.tenant_mail_sender to portico_control;

CREATE OR REPLACE FUNCTION auth.tenant_operators(p_tenant uuid)
 RETURNS TABLE(people_project_id uuid, user_id uuid)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query
    select c.people_project_id, m.user_id from platform.member m cross join platform.console c
      where m.tenant_id = p_tenant and m.role in ('owner', 'admin') order by m.created_at, m.user_id limit 100;
end $function$;
alter function auth.tenant_operators owner to portico_maintenance;
grant execute on function auth.tenant_operators to portico_worker;

CREATE OR REPLACE FUNCTION auth.tenant_webhook_deliveries(p_tenant uuid, p_endpoint uuid, p_id uuid, p_status text, p_before timestamp with time zone, p_before_id uuid, p_limit integer, p_offset integer)
 RETURNS TABLE(project_id uuid, id uuid, endpoint_id uuid, message_id text, type text, status text, attempts integer, next_attempt_at timestamp with time zone, created_at timestamp with time zone, done_at timestamp with time zone, log jsonb, body text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if not exists (select 1 from platform.webhook_endpoint e where e.id = p_endpoint and e.tenant_id = p_tenant) then
    return;
  end if;
  return query
  -- What happened to the tenant itself is of no project.
  select case when m.body::json ->> 'project_id' is not null then d.project_id end, d.id,
    d.endpoint_id, d.message_id, m.type, d.status, d.attempts,
    case when d.status = 'pending' then d.next_attempt_at end, d.created_at, d.done_at, d.log, m.body
  from auth.webhook_delivery d
  join auth.webhook_message m on m.project_id = d.project_id and m.id = d.message_id
  where d.endpoint_id = p_endpoint and (p_id is null or d.id = p_id) and (p_status is null or d.status = p_status)
    and (p_before is null or (d.created_at, d.id) < (p_before, p_before_id))
  order by d.created_at desc, d.id desc limit p_limit offset p_offset;
end $function$;
alter function auth.tenant_webhook_deliveries owner to portico_maintenance;
grant execute on function auth.tenant_webhook_deliveries to portico_control;

CREATE OR REPLACE FUNCTION auth.test_tenant_webhook(p_tenant uuid, p_endpoint uuid, p_now timestamp with time zone)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_project uuid := (select p.id from platform.webhook_endpoint e join platform.project p on p.tenant_id = e.tenant_id
    where e.id = p_endpoint and e.tenant_id = p_tenant and p.archived_at is null and (e.project_ids = '{}' or p.id = any (e.project_ids))
    order by p.created_at, p.id limit 1);
begin
  return case when v_project is not null then auth.test_webhook(v_project, p_endpoint, p_now) end;
end $function$;
alter function auth.test_tenant_webhook owner to portico_maintenance;
grant execute on function auth.test_tenant_webhook to portico_control;

CREATE OR REPLACE FUNCTION auth.test_webhook(p_project uuid, p_endpoint uuid, p_now timestamp with time zone)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_number bigint := nextval('auth.event_number');
  v_message text;
  v_id uuid;
begin
  if not exists (select 1 from auth.webhook_endpoint w where w.project_id = p_project and w.id = p_endpoint and w.disabled_at is null) then
    if not exists (select 1 from platform.webhook_endpoint t join platform.project p on p.tenant_id = t.tenant_id
        where p.id = p_project and t.id = p_endpoint and t.disabled_at is null) then
      return null;
    end if;
  end if;
  v_message := auth.write_webhook_message(p_project, v_number, 'webhook.test', 'system', null, 'webhook', 'whk_' || p_endpoint, '{}',
    p_now, false);
  insert into auth.webhook_delivery (project_id, endpoint_id, message_id, number, next_attempt_at, created_at)
    values (p_project, p_endpoint, v_message, v_number, p_now, p_now) returning id into v_id;
  return v_id;
end $function$;
alter function auth.test_webhook owner to portico_maintenance;
grant execute on function auth.test_webhook to portico_control;

CREATE OR REPLACE FUNCTION auth.unsigned_audit_heads(p_day date, p_limit integer)
 RETURNS TABLE(kind text, subject_id uuid, seq bigint, head bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return query select 'proj', c.project_id, c.seq, c.head from auth.audit_chain c
    where not exists (select 1 from auth.audit_signature s where s.project_id = c.project_id and (s.seq = c.seq or s.day = p_day))
    limit p_limit;
  return query select 'tnt', c.tenant_id, c.seq, c.head from metering.tenant_audit c
    where c.seq > 0
      and not exists (select 1 from metering.tenant_audit_signature s where s.tenant_id = c.tenant_id and (s.seq = c.seq or s.day = p_day))
    limit p_limit;
end $function$;
alter function auth.unsigned_audit_heads owner to portico_maintenance;
grant execute on function auth.unsigned_audit_heads to portico_worker;

CREATE OR REPLACE FUNCTION auth.usage_rows(p_tenant uuid, p_project uuid, p_from timestamp with time zone, p_to timestamp with time zone, p_interval text, p_together boolean, p_kinds text[], p_after_at timestamp with time zone, p_after_id uuid, p_limit integer, p_offset integer)
 RETURNS TABLE(project_id uuid, project_name text, starts_at timestamp with time zone, ends_at timestamp with time zone, counts jsonb, people bigint, people_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_step interval := case p_interval when 'month' then interval '1 month' else interval '1 day' end;
  v_picked jsonb;
  v_projects uuid[];
  v_from timestamptz;
  v_to timestamptz;
begin
  -- What is asked for, from the first machine.
  with period as (
    select g at time zone 'UTC' as starts_at, (g + v_step) at time zone 'UTC' as ends_at
    from generate_series(date_trunc(p_interval, p_from at time zone 'UTC'), (p_to at time zone 'UTC') - interval '1 microsecond', v_step) g
  ), owned as (
    select p.id, p.name, p.created_at, p.archived_at from platform.project p
    where p.tenant_id = p_tenant and (p_project is null or p.id = p_project)
  ), picked as (
    select o.id, o.name, o.archived_at, t.starts_at, t.ends_at from period t cross join owned o
    where not p_together and o.created_at < t.ends_at and (o.archived_at is null or o.archived_at >= t.starts_at)
      and (p_after_at is null or (t.starts_at, o.id) > (p_after_at, p_after_id))
    order by t.starts_at, o.id limit p_limit offset p_offset
  ), asked as (
    select k.* from picked k
    union all
    select o.id, o.name, o.archived_at, t.starts_at, t.ends_at from period t left join owned o on true where p_together
  )
  select jsonb_agg(to_jsonb(a)), array_agg(distinct a.id), min(a.starts_at), max(a.ends_at)
    into v_picked, v_projects, v_from, v_to from asked a;
  -- Then what was counted, from the machines that hold the projects; then both.
  return query
  with asked as (
    select a.* from jsonb_to_recordset(v_picked) a (id uuid, name text, archived_at timestamptz, starts_at timestamptz, ends_at timestamptz)
  ), counted as materialized (
    select h.project_id, date_trunc(p_interval, h.hour, 'UTC') as starts_at, h.kind || ':' || h.detail as key, sum(h.count) as count
    from auth.hourly_count h where h.project_id = any (v_projects) and h.hour >= v_from and h.hour < v_to and h.kind = any (p_kinds)
    group by 1, 2, 3
  ), peopled as materialized (
    select d.project_id, d.day, d.people, d.counted_at from auth.people_day d
    where d.project_id = any (v_projects) and d.day < (v_to at time zone 'UTC')::date
  ), last as (
    select distinct on (a.id, a.starts_at) a.id, a.starts_at, d.people, d.counted_at
    from asked a join peopled d on d.project_id = a.id and d.day < (a.ends_at at time zone 'UTC')::date
    where not p_together or a.archived_at is null or a.archived_at >= a.starts_at
    order by a.id, a.starts_at, d.day desc
  ), summed as (
    select c.project_id, c.starts_at, jsonb_object_agg(c.key, c.count) as counts from counted c where not p_together group by 1, 2
    union all
    select null, k.starts_at, jsonb_object_agg(k.key, k.count) from (
      select c.starts_at, c.key, sum(c.count) as count from counted c where p_together group by 1, 2) k group by 2
  ), named as (
    select a.id, a.name, a.starts_at, a.ends_at, l.people, l.counted_at from asked a
    left join last l on l.id = a.id and l.starts_at = a.starts_at where not p_together
    union all
    select null, null, a.starts_at, a.ends_at, sum(l.people)::bigint, min(l.counted_at) from asked a
    left join last l on l.id = a.id and l.starts_at = a.starts_at where p_together group by a.starts_at, a.ends_at
  )
  select n.id, n.name, n.starts_at, n.ends_at, s.counts, n.people, n.counted_at
  from named n left join summed s on s.starts_at = n.starts_at and s.project_id is not distinct from n.id
  order by n.starts_at, n.id;
end $function$;
alter function auth.usage_rows owner to portico_maintenance;
grant execute on function auth.usage_rows to portico_control;

CREATE OR REPLACE FUNCTION auth.user_details(p_project uuid, p_user uuid)
 RETURNS TABLE(identities jsonb, factors jsonb)
 LANGUAGE plpgsql
AS $function$
begin
  perform auth.enter_project(p_project);
  return query select
    coalesce((select jsonb_agg(jsonb_build_object('provider', i.provider, 'subject', i.subject, 'email', i.email,
        'email_verified', i.email_verified, 'profile', i.profile, 'created_at', i.created_at, 'last_sign_in_at', i.last_sign_in_at)
        order by i.created_at, i.provider, i.subject)
      from auth.identity i where i.project_id = p_project and i.end_user_id = p_user), '[]'::jsonb),
    coalesce((select jsonb_agg(to_jsonb(f) order by f.created_at, f.id) from (
        select t.id, t.type, t.friendly_name, t.activated_at is not null as active, t.created_at, t.last_used_at
        from auth.factor t where t.project_id = p_project and t.end_user_id = p_user
        union all
        select c.id, 'webauthn', c.friendly_name, true, c.created_at, c.last_used_at
        from auth.webauthn_credential c where c.project_id = p_project and c.end_user_id = p_user) f), '[]'::jsonb);
end $function$;
grant execute on function auth.user_details to portico_control, portico_data;

CREATE OR REPLACE FUNCTION auth.watch_limits(p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_month timestamptz := date_trunc('month', p_now, 'UTC');
  v_of record;
  v_limit record;
  v_percent integer;
  v_paused text;
  v_count integer := 0;
begin
  for v_of in
    select x.* from (
      select s.project_id, s.sign_ups_paused, (s.settings->>'max_people')::bigint as max_people,
        (s.settings->>'max_monthly_active')::bigint as max_active, coalesce(t.people, 0) as people, coalesce(h.count, 0) as active
      from auth.service s
      left join auth.project_total t on t.project_id = s.project_id
      left join auth.hourly_count h on h.project_id = s.project_id and h.hour = v_month and h.kind = 'active.month' and h.detail = ''
      where s.settings ? 'max_people' or s.settings ? 'max_monthly_active' or s.sign_ups_paused is not null
      -- What lies on several machines is gathered first, and then met with what lies on this one.
      offset 0) x
    join platform.project p on p.id = x.project_id and p.archived_at is null
  loop
    for v_limit in
      select l.* from (values ('max_people', v_of.people, v_of.max_people), ('max_monthly_active', v_of.active, v_of.max_active))
        l (metric, value, most) where l.most is not null
    loop
      foreach v_percent in array array[80, 100] loop
        continue when v_limit.value * 100 < v_limit.most * v_percent;
        insert into auth.usage_threshold (project_id, metric, month, percent, reached_at)
          values (v_of.project_id, v_limit.metric, (v_month at time zone 'UTC')::date, v_percent, p_now) on conflict do nothing;
        continue when not found;
        insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_of.project_id, 'usage.threshold', 'system', 'project', 'proj_' || v_of.project_id, jsonb_build_object('metric',
            v_limit.metric, 'percent', v_percent, 'value', v_limit.value, 'limit', v_limit.most), p_now);
      end loop;
    end loop;
    v_paused := case when v_of.people >= v_of.max_people then 'max_people'
      when v_of.active >= v_of.max_active then 'max_monthly_active' end;
    continue when v_paused is not distinct from v_of.sign_ups_paused;
    -- Of several workers at once one changes it and says so.
    update auth.service s set sign_ups_paused = v_paused
      where s.project_id = v_of.project_id and s.sign_ups_paused is distinct from v_paused;
    continue when not found;
    insert into auth.change (project_id, changed_at) values (v_of.project_id, p_now);
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (v_of.project_id, case when v_paused is null then 'usage.sign_ups_resumed' else 'usage.sign_ups_paused' end, 'system',
        'project', 'proj_' || v_of.project_id,
        case when v_paused is null then '{}'::jsonb else jsonb_build_object('reason', v_paused) end, p_now);
    v_count := v_count + 1;
  end loop;
  return v_count;
end $function$;
alter function auth.watch_limits owner to portico_maintenance;
grant execute on function auth.watch_limits to portico_worker;

CREATE OR REPLACE FUNCTION auth.webhook_body(p_id text, p_project uuid, p_action text, p_actor_type text, p_actor_id text, p_resource text, p_resource_id text, p_metadata jsonb, p_created_at timestamp with time zone, p_of_tenant boolean, p_user auth.end_user_row)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return json_build_object(
    'id', p_id, 'type', p_action, 'version', 1,
    'timestamp', to_char(p_created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'project_id', case when not p_of_tenant then 'proj_' || p_project end,
    'data', json_build_object(
      'actor', json_build_object('type', p_actor_type, 'id', p_actor_id),
      'resource', json_build_object('type', p_resource, 'id', p_resource_id),
      'details', p_metadata,
      'user', case when p_user.id is not null then json_build_object('id', p_user.id, 'email', nullif(p_user.email_typed, ''),
        'email_verified', p_user.email_verified_at is not null, 'metadata', p_user.metadata, 'disabled', p_user.disabled_at is not null,
        'created_at', to_char(p_user.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end))::text;
end $function$;
grant execute on function auth.webhook_body to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.webhook_message_id(p_created_at timestamp with time zone, p_number bigint)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return 'msg_' || lpad(to_hex(floor(extract(epoch from p_created_at) * 1000)::bigint), 12, '0') || lpad(to_hex(p_number), 16, '0');
end $function$;
grant execute on function auth.webhook_message_id to portico_control, portico_maintenance;

CREATE OR REPLACE FUNCTION auth.webhook_replay_page(p_replay platform.webhook_replay, p_rows integer)
 RETURNS TABLE(project_id uuid, id uuid, number bigint, action text, actor_type text, actor_id text, resource text, resource_id text, metadata jsonb, created_at timestamp with time zone, of_tenant boolean)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_projects uuid[] := (select t.project_ids from platform.webhook_endpoint t where t.id = p_replay.endpoint_id);
begin
  if p_replay.reading is not null then
    return query
    select a.project_id, a.id, a.number, a.action, a.actor_type, a.actor_id, a.resource, a.resource_id, a.metadata, a.created_at, false
    from auth.audit_event a
    where a.project_id = p_replay.reading and a.created_at < p_replay.until
      and (a.created_at, a.id) > (p_replay.place_at, p_replay.place_id)
    order by a.created_at, a.id limit p_rows;
    return;
  end if;
  return query
  select case when e.resource <> 'project' then case when v_projects = '{}' then auth.project_of_tenant(e.tenant_id) end
      else (select p.id from platform.project p where p.id = substring(e.resource_id from '^proj_([0-9a-f-]{36})$')::uuid
        and case when p_replay.of_project is not null then p.id = p_replay.of_project
          else v_projects = '{}' or p.id = any (v_projects) end) end,
    e.id, e.number, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at, e.resource <> 'project'
  from platform.audit_event e
  where e.tenant_id = p_replay.tenant_id and e.created_at < p_replay.until
    and (e.created_at, e.id) > (p_replay.place_at, p_replay.place_id)
  order by e.created_at, e.id limit p_rows;
end $function$;
grant execute on function auth.webhook_replay_page to portico_maintenance;

CREATE OR REPLACE FUNCTION auth.webhook_replays(p_owner uuid, p_endpoint uuid, p_id uuid, p_limit integer)
 RETURNS TABLE(id uuid, endpoint_id uuid, status text, since timestamp with time zone, until timestamp with time zone, deliveries integer, created_at timestamp with time zone, done_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
begin
  return query
  select r.id, r.endpoint_id, r.status, r.since, r.until, r.deliveries, r.created_at, r.done_at from platform.webhook_replay r
  where r.endpoint_id = p_endpoint and coalesce(r.of_project, r.tenant_id) = p_owner and (p_id is null or r.id = p_id)
  order by r.created_at desc, r.id desc limit p_limit;
end $function$;
alter function auth.webhook_replays owner to portico_maintenance;
grant execute on function auth.webhook_replays to portico_control;

CREATE OR REPLACE FUNCTION auth.work_on_webhook_replays(p_rows integer, p_waiting integer, p_most integer, p_now timestamp with time zone)
 RETURNS TABLE(read integer, made integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
#variable_conflict use_column
declare
  v_replay platform.webhook_replay;
  v_there boolean;
  v_room integer;
  v_read integer;
  v_made integer;
  v_next uuid;
  v_event record;
  v_message text;
begin
  read := 0;
  made := 0;
  for v_replay in
    select r.* from platform.webhook_replay r where r.status = 'running' order by r.worked_at limit 5 for update skip locked
  loop
    v_there := exists (select 1 from platform.webhook_endpoint t where t.id = v_replay.endpoint_id and t.disabled_at is null);
    if not v_there then
      perform 1 from auth.webhook_endpoint e where e.id = v_replay.endpoint_id and e.disabled_at is null limit 1;
      v_there := found;
    end if;
    if not v_there then
      update platform.webhook_replay r set status = 'cancelled', done_at = p_now where r.id = v_replay.id;
      continue;
    end if;
    select count(*) into v_room from (select 1 from auth.webhook_delivery d
      where d.endpoint_id = v_replay.endpoint_id and d.status = 'pending' limit p_waiting) w;
    v_room := least(p_waiting - v_room, p_most - v_replay.deliveries);
    v_read := 0;
    v_made := 0;
    if v_room > 0 then
      for v_event in select e.* from auth.webhook_replay_page(v_replay, p_rows) e loop
        exit when v_made >= v_room;
        v_read := v_read + 1;
        v_replay.place_at := v_event.created_at;
        v_replay.place_id := v_event.id;
        continue when v_event.project_id is null or v_event.number is null or v_event.action <> all (v_replay.types);
        v_message := auth.write_webhook_message(v_event.project_id, v_event.number, v_event.action, v_event.actor_type, v_event.actor_id,
          v_event.resource, v_event.resource_id, v_event.metadata, v_event.created_at, v_event.of_tenant);
        insert into auth.webhook_delivery (project_id, endpoint_id, message_id, subject, number, next_attempt_at, created_at)
          values (v_event.project_id, v_replay.endpoint_id, v_message,
            case when v_event.resource = 'end_user' then v_event.resource_id when v_event.actor_type = 'end_user' then v_event.actor_id end,
            v_event.number, p_now, p_now);
        v_made := v_made + 1;
      end loop;
      v_replay.deliveries := v_replay.deliveries + v_made;
      if v_made < v_room and v_read < p_rows then
        -- This log is at its end: the next project's.
        select min(p.id::text)::uuid into v_next
        from platform.project p left join platform.webhook_endpoint t on t.id = v_replay.endpoint_id
          where p.tenant_id = v_replay.tenant_id and (v_replay.reading is null or p.id > v_replay.reading)
            and case when v_replay.of_project is not null then p.id = v_replay.of_project
              else t.project_ids = '{}' or p.id = any (t.project_ids) end;
        if v_next is null then
          v_replay.status := 'done';
        else
          -- Another log is something to do, also where it is empty.
          v_read := v_read + 1;
          v_replay.reading := v_next;
          v_replay.place_at := v_replay.since;
          v_replay.place_id := '00000000-0000-0000-0000-000000000000';
        end if;
      elsif v_replay.deliveries >= p_most then
        v_replay.status := 'full';
      end if;
    end if;
    update platform.webhook_replay r set status = v_replay.status, reading = v_replay.reading, place_at = v_replay.place_at,
        place_id = v_replay.place_id, deliveries = v_replay.deliveries, worked_at = clock_timestamp(),
        done_at = case when v_replay.status <> 'running' then p_now end
      where r.id = v_replay.id;
    read := read + v_read;
    made := made + v_made;
  end loop;
  return next;
end $function$;
alter function auth.work_on_webhook_replays owner to portico_maintenance;
grant execute on function auth.work_on_webhook_replays to portico_worker;

CREATE OR REPLACE FUNCTION auth.write_webhook_message(p_project uuid, p_number bigint, p_action text, p_actor_type text, p_actor_id text, p_resource text, p_resource_id text, p_metadata jsonb, p_created_at timestamp with time zone, p_of_tenant boolean)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
declare
  v_id text := auth.webhook_message_id(p_created_at, p_number);
  v_user uuid := case when p_resource = 'end_user' then substring(p_resource_id from '^[0-9a-f-]{36}$')::uuid
    when p_actor_type = 'end_user' then substring(p_actor_id from '^[0-9a-f-]{36}$')::uuid end;
  v_person auth.end_user_row;
  v_body text;
begin
  select u.id, u.email, u.email_typed, u.email_verified_at, u.metadata, u.disabled_at, u.created_at into v_person.id, v_person.email,
      v_person.email_typed, v_person.email_verified_at, v_person.metadata, v_person.disabled_at, v_person.created_at
    from auth.end_user u where u.project_id = p_project and u.id = v_user;
  v_body := auth.webhook_body(v_id, p_project, p_action, p_actor_type, p_actor_id, p_resource, p_resource_id, p_metadata, p_created_at,
    p_of_tenant, v_person);
  insert into auth.webhook_message (project_id, id, type, body, created_at) values (p_project, v_id, p_action, v_body, p_created_at)
    on conflict do nothing;
  return v_id;
end $function$;
grant execute on function auth.write_webhook_message to portico_maintenance;
