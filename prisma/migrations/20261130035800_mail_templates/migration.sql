-- A project's own words for a mail. A version counts from `created_at` until `ended_at`: a mail keeps the version of its first try, so that
-- each try is the same bytes.
create table auth.mail_template (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  template    text not null,
  locale      text not null,
  version     integer not null,
  subject     text not null,
  text_part   text not null,
  html_part   text not null,
  created_at  timestamptz not null,
  ended_at    timestamptz,
  -- It could not be rendered; told once.
  failed_at   timestamptz,
  primary key (project_id, template, locale, version)
);
select auth.isolate('mail_template');
grant select, insert, update on auth.mail_template to portico_control;
grant select, update (failed_at) on auth.mail_template to portico_worker;
grant select on auth.mail_template to portico_data;
