-- Companies inside a project: organizations, who belongs to them, in what role, and who is invited.
create table auth.organization (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  id          uuid not null,
  name        text not null,
  slug        text not null,
  logo_url    text,
  metadata    jsonb not null default '{}',
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  primary key (project_id, id),
  unique (project_id, slug)
);
create index organization_by_age on auth.organization (project_id, created_at desc, id desc);
select auth.isolate('organization');
grant select, insert, update, delete on auth.organization to portico_data, portico_control;
grant select on auth.organization to portico_worker;

-- Rows replace the two roles that every project has (`admin`, `member`) or add others. With an organization the row is its own.
create table auth.organization_role (
  project_id       uuid not null references auth.service (project_id) on delete cascade,
  id               uuid not null,
  key              text not null,
  organization_id  uuid,
  name             text not null,
  permissions      text[] not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (project_id, id),
  unique nulls not distinct (project_id, key, organization_id),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade
);
select auth.isolate('organization_role');
grant select on auth.organization_role to portico_data, portico_worker;
grant select, insert, update, delete on auth.organization_role to portico_control;

create table auth.organization_membership (
  project_id       uuid not null,
  organization_id  uuid not null,
  end_user_id      uuid not null,
  role             text not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (project_id, organization_id, end_user_id),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade,
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
-- A random id alone, as in the other tables: see the note on indexes in the baseline.
create index organization_membership_by_end_user on auth.organization_membership (end_user_id);
select auth.isolate('organization_membership');
grant select, insert, update, delete on auth.organization_membership to portico_data, portico_control;

create table auth.organization_invitation (
  project_id       uuid not null,
  id               uuid not null,
  organization_id  uuid not null,
  email            text not null,
  role             text not null,
  invited_by       text,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  primary key (project_id, id),
  unique (project_id, organization_id, email),
  foreign key (project_id, organization_id) references auth.organization (project_id, id) on delete cascade
);
create index organization_invitation_by_email on auth.organization_invitation (project_id, email);
create index organization_invitation_expiry on auth.organization_invitation (expires_at);
select auth.isolate('organization_invitation');
grant select, insert, update, delete on auth.organization_invitation to portico_data, portico_control;
grant select on auth.organization_invitation to portico_worker;

-- The organization that the person works for just now; only a membership makes it count, so nothing has to follow when that ends.
alter table auth.session add column organization_id uuid;
