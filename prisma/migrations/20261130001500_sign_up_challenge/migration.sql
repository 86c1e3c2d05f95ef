-- RFC 7636: the challenge of whoever signed up. Whoever shows its verifier when the address is confirmed set the password too.
alter table auth.end_user add column sign_up_challenge text;
