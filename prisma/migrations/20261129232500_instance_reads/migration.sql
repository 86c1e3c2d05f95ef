-- Which variables an instance reads, as it says itself at boot or with a heartbeat; null: it never said, and counts as one that reads AUTH_JWT_SECRET only.
alter table auth.instance add column reads text[];
comment on column auth.instance.kids is 'The kids whose secrets its boot gave it: the one that signed then, and the one to sign next.';
