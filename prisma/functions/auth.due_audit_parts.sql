-- Logs of a tenant that have grown, or were signed, since a stream delivered them last, and where it stands with each; project by project.
create or replace function auth.due_audit_parts(p_tenant uuid, p_stream uuid, p_limit integer)
  returns table (kind text, subject_id uuid, seq bigint, head bytea, signature_seq bigint)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
declare
  v_of record;
  v_found integer := 0;
begin
  return query
  select 'tnt', c.tenant_id, coalesce(w.seq, 0),
      (select l.head from metering.tenant_audit_link l where l.tenant_id = c.tenant_id and l.seq = w.seq), coalesce(w.signature_seq, 0)
    from metering.tenant_audit c
    left join metering.audit_stream_place w on w.stream_id = p_stream and w.subject_id = c.tenant_id
    where c.tenant_id = p_tenant and (c.seq > coalesce(w.seq, 0)
      or exists (select from metering.tenant_audit_signature g where g.tenant_id = c.tenant_id and g.seq > coalesce(w.signature_seq, 0)));
  for v_of in
    select p.id, coalesce(w.seq, 0) as seq, coalesce(w.signature_seq, 0) as signed from platform.project p
    left join metering.audit_stream_place w on w.stream_id = p_stream and w.subject_id = p.id
    where p.tenant_id = p_tenant
  loop
    exit when v_found >= p_limit;
    return query
    select 'proj', c.project_id, v_of.seq, (select l.head from auth.audit_link l where l.project_id = v_of.id and l.seq = v_of.seq),
        v_of.signed
      from auth.audit_chain c
      where c.project_id = v_of.id and (c.seq > v_of.seq
        or exists (select from auth.audit_signature g where g.project_id = v_of.id and g.seq > v_of.signed));
    if found then
      v_found := v_found + 1;
    end if;
  end loop;
end $$;

alter function auth.due_audit_parts owner to portico_maintenance;
revoke all on function auth.due_audit_parts from public;
grant execute on function auth.due_audit_parts to portico_worker;
