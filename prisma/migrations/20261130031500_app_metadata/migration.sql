-- What the platform says of a person, beside what the person says (metadata). Written by operators alone: the roles that serve end users have no
-- right to the column, whatever a route does. A column that comes later is granted in its own migration (prisma/README.md).
alter table auth.end_user add column app_metadata jsonb not null default '{}';
alter type auth.end_user_row add attribute app_metadata jsonb;

revoke insert, update on auth.end_user from portico_data;
revoke update on auth.end_user from portico_worker;
do $$
declare
  v_columns text := (
    select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
    where attrelid = 'auth.end_user'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'app_metadata');
begin
  execute format('grant insert (%1$s), update (%1$s) on auth.end_user to portico_data', v_columns);
  execute format('grant update (%s) on auth.end_user to portico_worker', v_columns);
end $$;
