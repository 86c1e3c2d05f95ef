-- What processes have to hear of: that a user's sessions or state changed, or a project's record. Written in the transaction of the change.
create table auth.change (
  project_id   uuid not null references auth.service (project_id) on delete cascade,
  id           uuid not null default gen_random_uuid(),
  -- Null: the project's own record.
  end_user_id  uuid,
  -- By the clock of the process that made the change: compared with `iat` of tokens.
  changed_at   timestamptz not null,
  -- By the clock of the database: what readers have seen up to.
  noted_at     timestamptz not null default clock_timestamp(),
  primary key (project_id, id)
);
create index change_by_time on auth.change (noted_at);
select auth.isolate('change');
grant insert on auth.change to portico_control, portico_data, portico_worker;
