-- An account of a provider that somebody disconnected from their account here. It does not come back by its address alone.
create table auth.unlinked_identity (
  project_id   uuid not null,
  provider     text not null,
  subject      text not null,
  end_user_id  uuid not null,
  unlinked_at  timestamptz not null,
  primary key (project_id, provider, subject, end_user_id),
  foreign key (project_id, end_user_id) references auth.end_user (project_id, id) on delete cascade
);
-- See `Secondary indexes start with the random id` in docs/decisions.md.
create index unlinked_identity_by_end_user on auth.unlinked_identity (end_user_id);
select auth.isolate('unlinked_identity');
grant select, insert, delete on auth.unlinked_identity to portico_data, portico_control;

-- Mails for a change of address that were asked for before this moment carry no link any more: the change was cancelled or done. Apart from
-- links_void_before, which also takes back the way back: whoever cancels a change must not take that from the owner of an earlier address.
alter table auth.end_user add column email_change_void_before timestamptz;
