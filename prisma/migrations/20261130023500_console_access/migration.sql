-- The people of a platform are end users of one project, which this row names: made at the first start of the control plane, and never answered by its API.
create table platform.console (
  only_row       boolean primary key default true check (only_row),
  tenant_id      uuid not null references platform.tenant (id),
  people_project_id  uuid not null references platform.project (id),
  -- Chosen in the console; null: what the environment says, or its default.
  access         text check (access in ('open', 'token', 'password', 'oidc')),
  gate           text not null default 'auto' check (gate in ('auto', 'required', 'disabled')),
  -- Digests of the set-up codes that were printed by the last starts, newest first; none once there is a member.
  setup_digests  bytea[] not null default '{}',
  created_at     timestamptz not null,
  updated_at     timestamptz not null
);
grant select, insert, update on platform.console to portico_control;

-- What somebody may do in a tenant. user_id is an end user of the console's project: schema auth has no foreign key from here.
create table platform.member (
  tenant_id    uuid not null references platform.tenant (id) on delete cascade,
  user_id      uuid not null,
  role         text not null,
  -- Whether they may sign in with password or passkey although the console asks an outside issuer.
  break_glass  boolean not null default false,
  -- Whose word the role is: somebody of the team, or the groups of the outside issuer, which set it at every sign-in.
  source       text not null check (source in ('team', 'oidc')),
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (tenant_id, user_id)
);
create index member_by_user on platform.member (user_id);
grant select, insert, update, delete on platform.member to portico_control;

-- Roles of a tenant's own: a list of permissions.
create table platform.role (
  tenant_id    uuid not null references platform.tenant (id) on delete cascade,
  name         text not null,
  description  text not null,
  permissions  text[] not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (tenant_id, name)
);
grant select, insert, update, delete on platform.role to portico_control;

-- What the cookie of the console stands for: a session of an end user of the console's project, or, in mode `token`, a key that was typed once.
create table platform.console_session (
  id               uuid primary key,
  digest           bytea not null unique,
  kind             text not null check (kind in ('local', 'oidc', 'token', 'api_key')),
  tenant_id        uuid not null references platform.tenant (id) on delete cascade,
  user_id          uuid,
  auth_session_id  uuid,
  api_key_id       uuid references platform.api_key (id) on delete cascade,
  -- Of the token in the environment: another token there ends the session.
  token_digest     bytea,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  check (num_nonnulls(user_id, api_key_id, token_digest) = 1 and (user_id is null) = (auth_session_id is null))
);
create index console_session_by_user on platform.console_session (user_id) where user_id is not null;
create index console_session_by_tenant on platform.console_session (tenant_id);
create index console_session_by_key on platform.console_session (api_key_id) where api_key_id is not null;
create index console_session_expiry on platform.console_session (expires_at);
grant select, insert, update, delete on platform.console_session to portico_control;

-- No project named: all of the tenant.
alter table platform.api_key add column project_ids uuid[] not null default '{}', add column read_only boolean not null default false;

-- Keys that had every scope of a tenant have every scope still.
update platform.api_key set scopes = scopes || array['stats.read', 'team.read', 'team.manage']
  where scopes @> array['projects:read', 'projects:write', 'auth:read', 'auth:write', 'users:read', 'users:write', 'env:read', 'domains:write', 'audit:read',
    'keys:write', 'clients:forward'];
update platform.api_key set scopes = scopes || array['settings.users.manage'] where scopes @> array['team.manage', 'tenants:write'];
update platform.api_key set scopes = scopes || array['stats.read'] where scopes @> array['projects:read'] and not scopes @> array['stats.read'];

-- The control plane starts and checks sessions of the console's people, and redeems the codes of their sign-in page.
grant insert on auth.session, auth.pending_sign_in, auth.identity to portico_control;
grant update on auth.identity to portico_control;
grant select, update on auth.exchange_code to portico_control;
