-- Addresses of the people of a directory, to find somebody by one: an identity provider that matches by address asks for each person of
-- its own. In rows, since under row-level security a predicate with a function on the column does not use an index.
create table auth.directory_user_email (
  project_id    uuid not null,
  end_user_id   uuid not null,
  directory_id  uuid not null,
  -- In lower case, as `emails.value` is compared.
  email_key     text collate "C" not null,
  -- In the order of the question.
  primary key (project_id, directory_id, email_key, end_user_id),
  foreign key (project_id, end_user_id) references auth.directory_user (project_id, end_user_id) on delete cascade
);
create index directory_user_email_by_user on auth.directory_user_email (project_id, end_user_id);
select auth.isolate('directory_user_email');
grant select, insert, delete on auth.directory_user_email to portico_data, portico_control;
insert into auth.directory_user_email (project_id, end_user_id, directory_id, email_key)
  select d.project_id, d.end_user_id, d.directory_id, lower(e.value ->> 'value') from auth.directory_user d,
    jsonb_array_elements(case jsonb_typeof(d.attributes #> '{core,emails}') when 'array' then d.attributes #> '{core,emails}' else '[]' end) e (value)
  where length(e.value ->> 'value') between 1 and 500
  on conflict do nothing;
