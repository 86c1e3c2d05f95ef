-- How many people a project had, at the last count of each day: what is stored is billed by the day.
create table auth.people_day (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  day         date not null,
  people      bigint not null,
  counted_at  timestamptz not null,
  primary key (project_id, day)
);
select auth.isolate('people_day');

-- That a share of a limit was reached in a month is told once.
create table auth.usage_threshold (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  metric      text not null,
  month       date not null,
  percent     integer not null,
  reached_at  timestamptz not null,
  primary key (project_id, metric, month, percent)
);
select auth.isolate('usage_threshold');

-- Which limit was reached: strangers may not sign up meanwhile. Log-ins go on.
alter table auth.service add column sign_ups_paused text check (sign_ups_paused in ('max_people', 'max_monthly_active'));
