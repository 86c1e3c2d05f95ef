-- Logs with rows that are older than their tenant keeps them, and up to where: by when a row was chained, a second after it was written as
-- a rule, which only grows along the chain. A bounded step of each, project by project.
create or replace function auth.due_audit_cuts(p_now timestamptz, p_limit integer, p_rows integer)
  returns table (kind text, subject_id uuid, seq bigint, head bytea, before timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_of record;
  v_project uuid;
  v_cut bigint;
  v_found integer := 0;
begin
  for v_of in
    select t.tenant_id, t.cut_seq, p_now - make_interval(days => t.retention_days) as before from metering.tenant_audit t
    where t.retention_days is not null
  loop
    exit when v_found >= p_limit;
    return query select 'tnt', v_of.tenant_id, l.seq, l.head, v_of.before from (
        select x.seq, x.head, x.chained_at from metering.tenant_audit_link x where x.tenant_id = v_of.tenant_id and x.seq > v_of.cut_seq
        order by x.seq limit p_rows) l
      where l.chained_at < v_of.before order by l.seq desc limit 1;
    for v_project in select p.id from platform.project p where p.tenant_id = v_of.tenant_id loop
      exit when v_found >= p_limit;
      v_cut := (select c.cut_seq from auth.audit_chain c where c.project_id = v_project);
      continue when v_cut is null;
      return query select 'proj', v_project, l.seq, l.head, v_of.before from (
          select x.seq, x.head, x.chained_at from auth.audit_link x where x.project_id = v_project and x.seq > v_cut
          order by x.seq limit p_rows) l
        where l.chained_at < v_of.before order by l.seq desc limit 1;
      if found then
        v_found := v_found + 1;
      end if;
    end loop;
  end loop;
end $$;

alter function auth.due_audit_cuts owner to portico_maintenance;
revoke all on function auth.due_audit_cuts from public;
grant execute on function auth.due_audit_cuts to portico_worker;
