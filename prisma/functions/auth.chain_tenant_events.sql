-- Chains the audit rows of tenants themselves, as auth.chain_events does those of projects, and under the same conditions.
create or replace function auth.chain_tenant_events(p_events auth.handed_event[], p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_chain metering.tenant_audit;
  v_tenant uuid;
  v_events auth.handed_event[];
  v_commitments bytea[];
  v_leaves bytea[];
begin
  for v_tenant, v_events in
    select e.tenant_id, array_agg(e order by e.number) from unnest(p_events) e group by e.tenant_id order by e.tenant_id
  loop
    insert into metering.tenant_audit (tenant_id, key)
      values (v_tenant, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
    select c.* into v_chain from metering.tenant_audit c where c.tenant_id = v_tenant for update;
    v_chain.head := coalesce(v_chain.head, sha256(convert_to('portico/audit/1 ' || v_tenant::text, 'UTF8')));
    select h.commitments, h.leaves into v_commitments, v_leaves
      from auth.audit_hashes(v_events, array_fill(v_chain.key, array[cardinality(v_events)])) h;
    for i in 1 .. cardinality(v_events) loop
      v_chain.seq := v_chain.seq + 1;
      v_chain.head := sha256(v_chain.head || int8send(v_chain.seq) || v_leaves[i]);
      insert into metering.tenant_audit_link (tenant_id, seq, event_id, leaf, commitment, head, chained_at)
        values (v_tenant, v_chain.seq, v_events[i].id, v_leaves[i], v_commitments[i], v_chain.head, p_now);
    end loop;
    update metering.tenant_audit c set seq = v_chain.seq, head = v_chain.head where c.tenant_id = v_tenant;
  end loop;
end $$;

alter function auth.chain_tenant_events owner to portico_maintenance;
revoke all on function auth.chain_tenant_events from public;
