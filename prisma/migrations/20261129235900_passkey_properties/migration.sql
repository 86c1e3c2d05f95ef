-- What decides whether a passkey can sign in alone. Discoverable: null until the authenticator says so (credProps) or does it.
alter table auth.webauthn_credential add column discoverable boolean;
-- uvInitialized of WebAuthn Level 3, 4: whether the person was ever verified with it.
alter table auth.webauthn_credential add column user_verified boolean not null default false;
