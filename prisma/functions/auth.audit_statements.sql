-- What the installation has signed about a log, as lines of an export: signed heads up to a row, how far retention went, whom it erased,
-- where these rows are about them.
create or replace function auth.audit_statements(p_kind text, p_subject uuid, p_after bigint, p_to bigint)
  returns table (type text, seq bigint, line text)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  if p_kind = 'proj' then
    return query select 'retention', c.cut_seq, json_build_object('type', 'retention', 'seq', c.cut_seq, 'jws', c.cut_jws)::text
      from auth.audit_chain c where c.project_id = p_subject and c.cut_jws is not null;
    return query select 'erasure', null::bigint, json_build_object('type', 'erasure', 'jws', x.jws)::text from auth.audit_erasure x
      where x.project_id = p_subject and exists (
        select from auth.audit_link l join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
        where l.project_id = p_subject and l.seq > p_after and l.seq <= p_to and e.erased
          and auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) = x.end_user_id)
      order by x.created_at;
    return query select 'signature', g.seq, json_build_object('type', 'signature', 'seq', g.seq, 'jws', g.jws)::text
      from auth.audit_signature g where g.project_id = p_subject and g.seq > p_after and g.seq <= p_to order by g.seq;
  else
    return query select 'retention', c.cut_seq, json_build_object('type', 'retention', 'seq', c.cut_seq, 'jws', c.cut_jws)::text
      from metering.tenant_audit c where c.tenant_id = p_subject and c.cut_jws is not null;
    return query select 'signature', g.seq, json_build_object('type', 'signature', 'seq', g.seq, 'jws', g.jws)::text
      from metering.tenant_audit_signature g where g.tenant_id = p_subject and g.seq > p_after and g.seq <= p_to order by g.seq;
  end if;
end $$;

alter function auth.audit_statements owner to portico_maintenance;
revoke all on function auth.audit_statements from public;
grant execute on function auth.audit_statements to portico_control, portico_worker;
