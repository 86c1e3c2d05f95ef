-- Logos and icons of projects, as we wrote them anew. The name says what the bytes are, so one address never shows two pictures.
create table auth.brand_image (
  project_id  uuid not null references auth.service (project_id) on delete cascade,
  name        text not null check (name ~ '^[0-9a-f]{32}-\d{1,4}x\d{1,4}\.(png|jpg)$'),
  type        text not null check (type in ('image/png', 'image/jpeg')),
  bytes       bytea not null check (octet_length(bytes) <= 262144),
  created_at  timestamptz not null,
  primary key (project_id, name)
);
select auth.isolate('brand_image');
grant select, insert, update, delete on auth.brand_image to portico_control;
grant select on auth.brand_image to portico_data;
