-- Deletes old rows of a log up to a place, with the signed statement that says so; their links stay. Answers how many rows went: 0 where
-- another worker did it, or the tenant keeps them for longer now.
create or replace function auth.cut_audit(p_kind text, p_subject uuid, p_seq bigint, p_before timestamptz, p_jws text, p_key jsonb,
    p_now timestamptz) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_from bigint;
  v_gone integer;
begin
  if not exists (select 1 from metering.tenant_audit t
      where t.tenant_id = case p_kind when 'tnt' then p_subject else (select p.tenant_id from platform.project p where p.id = p_subject) end
        and t.retention_days is not null and p_now - make_interval(days => t.retention_days) >= p_before) then
    return 0;
  end if;
  perform auth.publish_audit_key(p_key, p_now);
  if p_kind = 'tnt' then
    select t.cut_seq into v_from from metering.tenant_audit t where t.tenant_id = p_subject for update;
    if v_from >= p_seq then return 0; end if;
    update metering.tenant_audit t set cut_seq = p_seq, cut_jws = p_jws where t.tenant_id = p_subject;
    delete from platform.audit_event e using metering.tenant_audit_link l
      where l.tenant_id = p_subject and l.seq > v_from and l.seq <= p_seq and e.id = l.event_id and e.tenant_id = p_subject;
  else
    select c.cut_seq into v_from from auth.audit_chain c where c.project_id = p_subject for update;
    if v_from >= p_seq then return 0; end if;
    update auth.audit_chain c set cut_seq = p_seq, cut_jws = p_jws where c.project_id = p_subject;
    delete from auth.audit_event e using auth.audit_link l
      where l.project_id = p_subject and l.seq > v_from and l.seq <= p_seq and e.project_id = p_subject and e.id = l.event_id;
  end if;
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;

alter function auth.cut_audit owner to portico_maintenance;
revoke all on function auth.cut_audit from public;
grant execute on function auth.cut_audit to portico_worker;
