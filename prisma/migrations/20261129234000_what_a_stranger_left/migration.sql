-- What may be on an account that is not its owner's, and what taking it off needs.

-- Mails that were asked for before this moment carry no link any more: an obligation that still waits to be sent when an intruder is put out
-- must not hand out a token afterwards.
alter table auth.end_user add column links_void_before timestamptz;
-- The address that the account is to move to, as typed, until it is confirmed, cancelled or too old.
alter table auth.end_user add column pending_email text;
alter table auth.end_user add column pending_email_requested_at timestamptz;

-- A passkey that was made before the address was proven is deleted with everything else from before; it is no longer kept as a second factor.
delete from auth.webauthn_credential where second_factor_only;
alter table auth.webauthn_credential drop column second_factor_only;

-- For taking the challenges of ended sessions back.
create index webauthn_challenge_by_binding on auth.webauthn_challenge (bound_to) where bound_to <> '';

-- The operator ends sessions with everything that belongs to them, and evicts.
grant select, update on auth.exchange_code, auth.oauth_flow to portico_control;
grant select, delete on auth.webauthn_challenge to portico_control;
grant select, update on auth.email_challenge to portico_control;
