-- Refresh tokens are computed (session, generation, HMAC), so nothing of them is stored: the session row says which one is the newest.
drop table auth.refresh_token;

alter table auth.session
  -- The newest token that was given out. The one before it was presented; this one was not yet.
  add column generation integer not null default 0,
  -- When the newest token was first given out for its parent; null: none but the login's.
  add column rotated_at timestamptz,
  -- When a parent last came after the grace time and got its child.
  add column late_at timestamptz;
comment on column auth.session.user_agent is 'Of the login or, since then, of the client that made the newest refresh token.';
-- A refresh rewrites the row and touches no index, as long as its page has room for the new version.
alter table auth.session set (fillfactor = 70);

-- Sealed; refresh tokens are computed from it. Made by the first data plane that serves the project.
alter table auth.service add column token_key_sealed bytea;
