-- Directory sync (SCIM 2.0): the directories of a project, their tokens, and which people and groups are theirs.
create table auth.directory (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null,
  -- Whose people these are; null: of the project itself, and groups give no roles.
  organization_id  uuid,
  name             text not null,
  -- [{"group": "…", "role": "…"}], the first one counts.
  group_roles      jsonb not null default '[]',
  -- Of people in none of these groups; null: they do not belong to the organization.
  fallback_role    text,
  custom_schema    jsonb,
  last_used_at     timestamptz,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade
);
create index directory_by_organization on auth.directory (project_id, organization_id);
select auth.isolate('directory');
grant select on auth.directory to portico_data;
grant update (last_used_at) on auth.directory to portico_data;
grant select, insert, update, delete on auth.directory to portico_control;

create table auth.directory_token (
  project_id    uuid not null,
  id            uuid not null,
  directory_id  uuid not null,
  digest        bytea not null,
  prefix        text not null,
  created_at    timestamptz not null,
  expires_at    timestamptz,
  last_used_at  timestamptz,
  primary key (project_id, id),
  unique (project_id, digest),
  foreign key (project_id, directory_id) references auth.directory (project_id, id) on delete cascade
);
create index directory_token_by_directory on auth.directory_token (project_id, directory_id);
select auth.isolate('directory_token');
grant select on auth.directory_token to portico_data;
grant update (last_used_at) on auth.directory_token to portico_data;
grant select, insert, delete on auth.directory_token to portico_control;

-- A person that a directory manages. Deleted ones stay for as long as their account does, so that whoever comes back gets it again.
create table auth.directory_user (
  project_id    uuid not null,
  end_user_id   uuid not null,
  directory_id  uuid not null,
  user_name     text not null,
  -- In lower case: userName is compared so (RFC 7643, 4.1.1).
  user_name_key text collate "C" not null,
  external_id   text collate "C",
  -- {"core": {…}, "extensions": {"urn:…": {…}}}
  attributes    jsonb not null,
  active        boolean not null,
  -- The time at which the directory disabled the account: it enables again only what it disabled itself.
  disabled_at   timestamptz,
  version       integer not null default 1,
  created_at    timestamptz not null,
  updated_at    timestamptz not null,
  deleted_at    timestamptz,
  -- When a deleted person's account goes for good; null: it stays disabled.
  purge_at      timestamptz,
  primary key (project_id, end_user_id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade,
  foreign key (project_id, directory_id) references auth.directory (project_id, id) on delete cascade
);
create unique index directory_user_by_name on auth.directory_user (project_id, directory_id, user_name_key) where deleted_at is null;
create index directory_user_by_external_id on auth.directory_user (project_id, directory_id, external_id);
create index directory_user_by_creation on auth.directory_user (project_id, directory_id, created_at, end_user_id);
create index directory_user_purge on auth.directory_user (purge_at) where purge_at is not null;
select auth.isolate('directory_user');
grant select, insert, update, delete on auth.directory_user to portico_data, portico_control;

create table auth.directory_group (
  project_id        uuid not null,
  id                uuid not null,
  directory_id      uuid not null,
  display_name      text not null,
  display_name_key  text collate "C" not null,
  external_id       text collate "C",
  version           integer not null default 1,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  primary key (project_id, id),
  unique (project_id, directory_id, display_name_key),
  foreign key (project_id, directory_id) references auth.directory (project_id, id) on delete cascade
);
select auth.isolate('directory_group');
grant select, insert, update, delete on auth.directory_group to portico_data;
grant select on auth.directory_group to portico_control;

create table auth.directory_group_member (
  project_id   uuid not null,
  group_id     uuid not null,
  end_user_id  uuid not null,
  primary key (project_id, group_id, end_user_id),
  foreign key (project_id, group_id) references auth.directory_group (project_id, id) on delete cascade,
  foreign key (project_id, end_user_id) references auth.directory_user (project_id, end_user_id) on delete cascade
);
-- A random id alone, as in the other tables: see the note on indexes in the baseline.
create index directory_group_member_by_user on auth.directory_group_member (end_user_id);
select auth.isolate('directory_group_member');
grant select, insert, delete on auth.directory_group_member to portico_data;
grant select on auth.directory_group_member to portico_control;

-- What a directory asked to change and what came of it, for whoever sets it up; 30 days.
create table auth.directory_event (
  project_id    uuid not null,
  id            uuid not null,
  directory_id  uuid not null,
  method        text not null,
  resource      text not null,
  resource_id   text,
  status        integer not null,
  detail        text,
  created_at    timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, directory_id) references auth.directory (project_id, id) on delete cascade
);
create index directory_event_by_age on auth.directory_event (project_id, directory_id, created_at desc, id desc);
create index directory_event_age on auth.directory_event (created_at);
select auth.isolate('directory_event');
grant select, insert on auth.directory_event to portico_data;
grant select on auth.directory_event to portico_control;
