-- The audit log of a project, chained: every row that is handed on gets a link in the order of the transactions. A link stays when its row is
-- gone (retention) or lost what was personal in it (erasure), so the chain is verified over it.
create table auth.audit_link (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  seq         bigint not null,
  event_id    uuid not null,
  -- Of the row without what is personal in it, and the commitment to that.
  leaf        bytea not null,
  commitment  bytea not null,
  -- sha256 of the head before, the number and the leaf.
  head        bytea not null,
  chained_at  timestamptz not null,
  primary key (project_id, seq)
);
select auth.isolate('audit_link');
grant select on auth.audit_link to portico_control;

-- Where the chain of a project ends.
create table auth.audit_chain (
  project_id  uuid primary key references auth.service (project_id) on delete cascade,
  seq         bigint not null,
  head        bytea not null
);
select auth.isolate('audit_chain');
grant select on auth.audit_chain to portico_control;

-- What the commitments of a person's rows are salted with; without it nobody can find out by trying which address was in them.
create table auth.audit_person_key (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  -- The nil UUID: rows about no person of the project.
  end_user_id  uuid not null,
  key          bytea not null,
  primary key (project_id, end_user_id)
);
select auth.isolate('audit_person_key');
grant select on auth.audit_person_key to portico_control;

-- Heads as they were signed, one for each day on which something happened.
create table auth.audit_signature (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  seq         bigint not null,
  day         date not null,
  kid         text not null,
  jws         text not null,
  created_at  timestamptz not null,
  primary key (project_id, seq)
);
select auth.isolate('audit_signature');
grant select on auth.audit_signature to portico_control;

-- The public halves of the keys that heads were signed with. The private one follows from the master key and is stored nowhere.
create table platform.audit_key (
  kid         text primary key,
  public_jwk  jsonb not null,
  created_at  timestamptz not null
);
grant select on platform.audit_key to portico_control, portico_maintenance;
grant insert on platform.audit_key to portico_maintenance;
