-- The roles of the product, made when they are missing: first thing of every migrate run, and all that `scripts/migrate.mjs --roles` does
-- on the empty server that a backup is restored into. Passwords are set by the migrate command (derived from the master key), never here.
do $$
declare
  service text;
  -- On a server whose owner is no superuser it takes BYPASSRLS (16 and newer) or a superuser (15) to make a role that has it.
  may_bypass boolean := (select rolsuper or (rolcreaterole and rolbypassrls and current_setting('server_version_num')::integer >= 160000)
    from pg_roles where rolname = current_user);
  -- From 16 on whoever made a role is a member who may give it away and nothing else.
  may_become text := case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end;
begin
  foreach service in array array['portico_data', 'portico_control', 'portico_worker'] loop
    if not exists (select from pg_roles where rolname = service) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole noinherit nobypassrls', service);
    end if;
    -- Time limits belong to the roles and not to the start of a connection: poolers refuse such parameters there. A little less than the
    -- two seconds after which callers are refused, so that the connection lives on. Only where they are missing, since two migrate runs
    -- beside each other must not change one row of the catalogue at once.
    if not exists (select from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where s.setdatabase = 0 and r.rolname = service
        and s.setconfig @> array['statement_timeout=1800ms', 'idle_in_transaction_session_timeout=10s']) then
      execute format('alter role %I set statement_timeout = %L', service, '1800ms');
      execute format('alter role %I set idle_in_transaction_session_timeout = %L', service, '10s');
    end if;
  end loop;
  -- Owns the few functions that look across projects; nobody logs in as it.
  if not exists (select from pg_roles where rolname = 'portico_maintenance') then
    create role portico_maintenance nologin nosuperuser nocreatedb nocreaterole noinherit nobypassrls;
  end if;
  -- Not where somebody who may make roles has done it (`scripts/migrate.mjs --print-roles`).
  if not (select bool_and(pg_has_role(r.oid, 'usage') and pg_has_role(r.oid, may_become)) from pg_roles r
      where r.rolname in ('portico_maintenance', 'portico_worker')) then
    execute format('grant portico_maintenance, portico_worker to %I', current_user);
  end if;
  -- Reads everything for pg_dump, and writes nothing; nobody logs in as it. Without it see docs/backup-and-restore.md.
  if may_bypass and not exists (select from pg_roles where rolname = 'portico_backup') then
    create role portico_backup nologin nosuperuser nocreatedb nocreaterole inherit bypassrls;
    begin
      grant pg_read_all_data to portico_backup;
      if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant portico_backup to %I', current_user);
      end if;
    exception when insufficient_privilege then
      drop role portico_backup;
    end;
  end if;
end $$;
