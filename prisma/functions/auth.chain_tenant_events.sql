-- Chains the audit rows of tenants themselves, as auth.chain_events does those of projects, and under the same conditions.
create or replace function auth.chain_tenant_events(p_events jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_chain metering.tenant_audit;
  v_commitment bytea;
  v_leaf bytea;
  r record;
begin
  for r in
    select e.* from jsonb_to_recordset(p_events) e (number bigint, tenant_id uuid, id uuid, action text, actor_type text, actor_id text,
      resource text, resource_id text, ip text, user_agent text, metadata jsonb, created_at timestamptz) order by e.tenant_id, e.number
  loop
    if v_chain.tenant_id is distinct from r.tenant_id then
      update metering.tenant_audit c set seq = v_chain.seq, head = v_chain.head where c.tenant_id = v_chain.tenant_id;
      insert into metering.tenant_audit (tenant_id, key)
        values (r.tenant_id, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))) on conflict do nothing;
      select c.* into v_chain from metering.tenant_audit c where c.tenant_id = r.tenant_id for update;
      v_chain.head := coalesce(v_chain.head, sha256(convert_to('portico/audit/1 ' || r.tenant_id::text, 'UTF8')));
    end if;
    v_chain.seq := v_chain.seq + 1;
    v_commitment := auth.audit_commitment(v_chain.key, r.id, r.ip, r.user_agent);
    v_leaf := auth.audit_leaf(r.id, r.action, r.actor_type, r.actor_id, r.resource, r.resource_id, r.metadata, r.created_at, v_commitment);
    v_chain.head := sha256(v_chain.head || int8send(v_chain.seq) || v_leaf);
    insert into metering.tenant_audit_link (tenant_id, seq, event_id, leaf, commitment, head, chained_at)
      values (r.tenant_id, v_chain.seq, r.id, v_leaf, v_commitment, v_chain.head, p_now);
  end loop;
  update metering.tenant_audit c set seq = v_chain.seq, head = v_chain.head where c.tenant_id = v_chain.tenant_id;
end $$;

alter function auth.chain_tenant_events owner to portico_maintenance;
revoke all on function auth.chain_tenant_events from public;
