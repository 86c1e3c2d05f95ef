-- What is known of a host name besides its proof, and when it is looked at again.
alter table auth.domain
  add column checked_at           timestamptz,
  add column next_check_at        timestamptz not null default '-infinity',
  add column proof_missing_since  timestamptz,
  add column points_here_since    timestamptz,
  add column main_at              timestamptz;
grant select, update on auth.domain to portico_worker;
