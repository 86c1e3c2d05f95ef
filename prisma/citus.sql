-- Shares the tables of projects out over the machines of a Citus cluster, by project. Applied by every migrate run where the extension is
-- there, after tables and functions; what is shared out already is left. Everything of one project lies together, so a function that takes
-- the project first travels whole to its machine, and row security holds there.
do $$
declare
  -- From 13.1 on rights by column go along (Citus issue 7287); before, a grant of some columns is refused on a shared table.
  v_by_column boolean := coalesce((select string_to_array(split_part(extversion, '-', 1), '.')::integer[] >= '{13,1}'
    from pg_extension where extname = 'citus'), false);
  v_table regclass;
  v_right record;
  v_function record;
  v_role text;
begin
  -- A transaction's `set local portico.project_id` goes along to the machine that the statements go to.
  foreach v_role in array array['portico_data', 'portico_control', 'portico_worker'] loop
    execute format('alter role %I set citus.propagate_set_commands = %L', v_role, 'local');
    -- It goes along as it came, with the `begin` in front of it: no machine need write down each time that there is a transaction already.
    if (select rolsuper from pg_roles where rolname = current_user) then
      execute format('alter role %I set log_min_messages = %L', v_role, 'error');
    end if;
  end loop;
  -- Citus connects to its machines as the owner of a function. No password is set, so that only its own authentication lets this role in.
  alter role portico_maintenance login;
  -- Every policy asks it, so it is there before the first table.
  perform create_distributed_function('auth.current_project_id()'::regprocedure);
  if not exists (select from pg_dist_partition where logicalrelid = 'auth.domain'::regclass) then
    perform create_reference_table('auth.domain'::regclass);
  end if;
  -- Referenced tables come before those that refer to them.
  for v_table in
    with recursive project_table as (
      select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped
      where c.relkind = 'r' and c.relnamespace = 'auth'::regnamespace and c.oid <> 'auth.domain'::regclass
    ), ranked as (
      select oid, 0 as rank from project_table
      union
      select k.conrelid, r.rank + 1 from ranked r join pg_constraint k on k.contype = 'f' and k.confrelid = r.oid and k.conrelid <> r.oid
      where r.rank < 20
    )
    select r.oid::regclass from ranked r group by r.oid order by max(r.rank), r.oid::regclass::text
  loop
    if not exists (select from pg_dist_partition where logicalrelid = v_table) then
      if v_table = 'auth.service'::regclass then
        perform create_distributed_table(v_table, 'project_id');
      else
        perform create_distributed_table(v_table, 'project_id', colocate_with => 'auth.service');
      end if;
    end if;
  end loop;
  -- Rights by column are in no copy that Citus makes of a table by itself. Where it knows of none, the whole table has to be given.
  for v_right in
    select c.oid::regclass as about, x.privilege_type as may, x.grantee::regrole as who, string_agg(quote_ident(a.attname), ', ') as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped, aclexplode(a.attacl) x
    where c.relkind = 'r' and c.relnamespace = 'auth'::regnamespace group by 1, 2, 3 order by 1, 2, 3
  loop
    execute format('grant %s%s on %s to %s', v_right.may, case when v_by_column then ' (' || v_right.columns || ')' else '' end,
      v_right.about, v_right.who);
  end loop;
  -- Numbers are counted on every machine, where functions that travel write.
  for v_right in
    select c.oid::regclass as about, x.privilege_type as may, x.grantee::regrole as who from pg_class c, aclexplode(c.relacl) x
    where c.relkind = 'S' and c.relnamespace = 'auth'::regnamespace and x.grantee <> c.relowner order by 1, 2, 3
  loop
    execute format('grant %s on sequence %s to %s', v_right.may, v_right.about, v_right.who);
  end loop;
  -- What functions and statements call where the rows lie, with the types that they take, and then the functions that travel: those that
  -- take the project first and ask nothing of the first machine. A definer's travels also within a longer transaction, on the caller's own
  -- connection, since Citus lets one transaction write to a project as one role only.
  for v_function in
    select p.oid::regprocedure as name, coalesce(p.proargnames[1] = 'p_project', false) as travels, p.prosecdef as definer, p.proacl
    from pg_proc p
    where p.pronamespace = 'auth'::regnamespace and p.prorettype <> 'trigger'::regtype
      and p.proname not in ('isolate', 'current_project_id')
      and p.prosrc || pg_get_function_arguments(p.oid) || pg_get_function_result(p.oid) !~ '\m(platform|metering|limits)\.'
      and (p.proargnames[1] = 'p_project' or p.prosrc !~ '\m(from|join|into|update)\s+auth\.')
    order by travels, p.oid::regprocedure::text
  loop
    if v_function.travels then
      perform create_distributed_function(v_function.name, 'p_project', colocate_with => 'auth.service',
        force_delegation => v_function.definer);
    else
      perform create_distributed_function(v_function.name);
    end if;
    -- A function that is made anew is everybody's, and of one that travels only the other machine looks whose it is.
    execute format('revoke all on function %s from public', v_function.name);
    for v_right in select x.grantee::regrole as who from aclexplode(v_function.proacl) x where x.grantee <> 0 loop
      execute format('grant execute on function %s to %s', v_function.name, v_right.who);
    end loop;
  end loop;
end $$;
