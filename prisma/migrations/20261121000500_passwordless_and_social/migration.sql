-- Magic links, mailed codes, invitations and outside providers. Same locks as everywhere: project_id first in every key, row security forced.

alter table auth.one_time_token drop constraint one_time_token_purpose_check;
alter table auth.one_time_token add constraint one_time_token_purpose_check
  check (purpose in ('password_reset', 'email_confirm', 'email_change', 'email_change_undo', 'invitation'));

-- One mail that proves an address, by its link, its code, or either of them. It belongs to the address and not to an account: with a first
-- sign-in the account is only made when the address is proven.
create table auth.email_challenge (
  project_id      uuid not null references auth.service (project_id) on delete cascade,
  -- The outbox row that asked for it.
  id              uuid not null,
  purpose         text not null check (purpose in ('sign_in', 'email_confirm')),
  -- Normalised, and as typed.
  address         text not null,
  address_typed   text not null,
  -- SHA-256 of the link's token.
  link_digest     bytea,
  -- HMAC of the address and the code under a key outside the database: six digits would not survive a plain digest.
  code_digest     bytea,
  attempts        integer not null default 0,
  create_user     boolean not null default false,
  -- Where the browser goes after the link, and whose proof of possession (PKCE) the code that it carries wants.
  redirect_to     text,
  code_challenge  text,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  -- A code is short, so it lives shorter than the link beside it.
  code_expires_at timestamptz,
  consumed_at     timestamptz,
  voided_at       timestamptz,
  primary key (project_id, id)
);
create unique index email_challenge_by_link on auth.email_challenge (project_id, link_digest) where link_digest is not null;
create index email_challenge_by_address on auth.email_challenge (project_id, address, purpose, created_at desc);
create index email_challenge_expiry on auth.email_challenge (expires_at);

create table auth.identity (
  project_id       uuid not null,
  provider         text not null,
  -- Stable at the provider.
  subject          text not null,
  end_user_id      uuid not null,
  email            text,
  email_verified   boolean not null default false,
  profile          jsonb not null default '{}',
  created_at       timestamptz not null,
  last_sign_in_at  timestamptz,
  primary key (project_id, provider, subject),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index identity_by_end_user on auth.identity (project_id, end_user_id);

-- A browser on its way to a provider and back. Single use, ten minutes, bound to the browser by a cookie.
create table auth.oauth_flow (
  project_id           uuid not null references auth.service (project_id) on delete cascade,
  state_digest         bytea not null,
  provider             text not null,
  browser_digest       bytea not null,
  nonce                text not null,
  verifier_sealed      bytea not null,
  -- Null: an invitation that is accepted on our own page.
  redirect_to          text,
  app_state            text,
  code_challenge       text,
  -- Set when a signed-in user adds this provider.
  link_end_user_id     uuid,
  -- Set when an invitation is accepted with this provider.
  invitation_digest    bytea,
  created_at           timestamptz not null,
  expires_at           timestamptz not null,
  consumed_at          timestamptz,
  primary key (project_id, state_digest),
  foreign key (project_id, link_end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index oauth_flow_by_link on auth.oauth_flow (project_id, link_end_user_id) where link_end_user_id is not null;
create index oauth_flow_expiry on auth.oauth_flow (expires_at);

-- What a redirect carries instead of tokens: worth nothing without the verifier that never left the app.
create table auth.exchange_code (
  project_id      uuid not null,
  digest          bytea not null,
  end_user_id     uuid not null,
  -- 'sign_in' starts a session; 'link' adds the identity of the payload to the user.
  purpose         text not null check (purpose in ('sign_in', 'link')),
  amr             text[] not null default '{}',
  payload         jsonb not null default '{}',
  code_challenge  text not null,
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  consumed_at     timestamptz,
  primary key (project_id, digest),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
create index exchange_code_by_end_user on auth.exchange_code (project_id, end_user_id);
create index exchange_code_expiry on auth.exchange_code (expires_at);

-- Client id and sealed secret of one provider; the row 'captcha' holds the secret of the captcha check.
create table auth.provider_config (
  project_id     uuid not null references auth.service (project_id) on delete cascade,
  provider       text not null,
  client_id      text not null,
  secret_sealed  bytea not null,
  issuer         text,
  scopes         text[],
  extra          jsonb not null default '{}',
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (project_id, provider)
);

do $$
declare
  table_name text;
begin
  foreach table_name in array array['email_challenge', 'identity', 'oauth_flow', 'exchange_code', 'provider_config'] loop
    execute format('alter table auth.%I enable row level security', table_name);
    execute format('alter table auth.%I force row level security', table_name);
    execute format('create policy project_isolation on auth.%I to portico_control, portico_data, portico_worker
      using (project_id = auth.current_project_id()) with check (project_id = auth.current_project_id())', table_name);
    execute format('create policy maintenance on auth.%I to portico_maintenance using (true) with check (true)', table_name);
    execute format('grant select, insert, update, delete on auth.%I to portico_maintenance', table_name);
  end loop;
end $$;

grant select, insert, update on auth.email_challenge to portico_worker;
grant select, update on auth.email_challenge to portico_data;
grant select, insert, update, delete on auth.identity to portico_data;
grant select, delete on auth.identity to portico_control;
grant select, insert, update on auth.oauth_flow, auth.exchange_code to portico_data;
grant select, insert, update, delete on auth.provider_config to portico_control;
grant select on auth.provider_config to portico_data, portico_worker;

-- One bounded round of housekeeping of these tables; returns how many rows went.
create function auth.sweep_sign_in(p_now timestamptz, p_limit integer) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  gone bigint := 0;
  step bigint;
begin
  delete from auth.email_challenge where ctid = any (array(
    select t.ctid from auth.email_challenge t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.oauth_flow where ctid = any (array(
    select t.ctid from auth.oauth_flow t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  delete from auth.exchange_code where ctid = any (array(
    select t.ctid from auth.exchange_code t where t.expires_at < p_now - interval '1 day' limit p_limit for update skip locked));
  get diagnostics step = row_count; gone := gone + step;
  return gone;
end $$;

do $$
begin
  grant create on schema auth to portico_maintenance;
  alter function auth.sweep_sign_in(timestamptz, integer) owner to portico_maintenance;
  revoke create on schema auth from portico_maintenance;
end $$;
revoke all on function auth.sweep_sign_in(timestamptz, integer) from public;
grant execute on function auth.sweep_sign_in(timestamptz, integer) to portico_worker;
