-- Shares the tables of projects out over the machines of a Citus cluster, by project. Applied by every migrate run where the extension is
-- there, after tables and functions; what is shared out already is left. Everything of one project lies together, so a function that takes
-- the project first travels whole to its machine, and row security holds there.
do $$
declare
  v_table regclass;
  v_function regprocedure;
  v_role text;
begin
  -- A transaction's `set local portico.project_id` goes along to the machine that the statements go to.
  foreach v_role in array array['portico_data', 'portico_control', 'portico_worker'] loop
    execute format('alter role %I set citus.propagate_set_commands = %L', v_role, 'local');
  end loop;
  -- Citus connects to its machines as the owner of a function. No password is set, so that only its own authentication lets this role in.
  alter role portico_maintenance login;
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
  -- What the functions of a project call, and policies hang on, is known on every machine.
  for v_function in
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'auth'::regnamespace and p.proargnames[1] is distinct from 'p_project' and p.prorettype <> 'trigger'::regtype
      and p.prosrc !~ '\m(platform|metering|limits|auth)\.\w+' and p.proname <> 'isolate'
  loop
    perform create_distributed_function(v_function);
  end loop;
  for v_function in
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'auth'::regnamespace and p.proargnames[1] = 'p_project' and p.prosrc !~ '\mplatform\.'
  loop
    perform create_distributed_function(v_function, 'p_project', colocate_with => 'auth.service');
  end loop;
end $$;
