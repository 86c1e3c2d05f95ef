-- Rows of a log after a place in it, as lines of an export: of a project (proj) or of a tenant itself (tnt). Texts are those that were
-- hashed, so whoever verifies reads the very bytes. A row that is gone leaves its link, a stub. The caller is trusted to ask for what is
-- its own.
create or replace function auth.audit_lines(p_kind text, p_subject uuid, p_after bigint, p_limit integer)
  returns table (seq bigint, head text, line text)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  if p_kind = 'proj' then
    return query
    select l.seq, encode(l.head, 'hex'), auth.audit_line(l.seq, l.event_id, l.leaf, l.commitment, l.head,
        case when e.erased is not true then k.key end, e.action, e.actor_type, e.actor_id, e.resource, e.resource_id, e.metadata,
        e.created_at, e.ip, e.user_agent)
      from auth.audit_link l
      left join auth.audit_event e on e.project_id = l.project_id and e.id = l.event_id
      left join auth.audit_person_key k on k.project_id = l.project_id
        and k.end_user_id = auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id)
      where l.project_id = p_subject and l.seq > p_after order by l.seq limit p_limit;
  else
    return query
    select l.seq, encode(l.head, 'hex'), auth.audit_line(l.seq, l.event_id, l.leaf, l.commitment, l.head, c.key, e.action, e.actor_type,
        e.actor_id, e.resource, e.resource_id, e.metadata, e.created_at, e.ip, e.user_agent)
      from metering.tenant_audit_link l join metering.tenant_audit c on c.tenant_id = l.tenant_id
      left join platform.audit_event e on e.id = l.event_id and e.tenant_id = l.tenant_id
      where l.tenant_id = p_subject and l.seq > p_after order by l.seq limit p_limit;
  end if;
end $$;

alter function auth.audit_lines owner to portico_maintenance;
revoke all on function auth.audit_lines from public;
grant execute on function auth.audit_lines to portico_control, portico_worker;
