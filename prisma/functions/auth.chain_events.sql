-- Chains the audit rows of a range, those of each project by themselves, in the order of their transactions: a part of auth.hand_on_events
-- and of nothing else, for it chains whatever it is given. Each row gets a leaf (sha256 of its fields, and of a commitment to what is
-- personal in it) and a head (sha256 of the head before, the number and the leaf). `portico audit verify` computes the same.
create or replace function auth.chain_events(p_after_tx xid8, p_after_number bigint, p_to_tx xid8, p_to_number bigint, p_floor bigint,
    p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog set enable_seqscan = off
  as $$
declare
  v_project uuid;
  v_seq bigint;
  v_head bytea;
  v_key bytea;
  v_commitment bytea;
  v_leaf bytea;
  v_at text;
  r record;
begin
  insert into auth.audit_person_key (project_id, end_user_id, key)
    select distinct on (e.project_id, auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id)) e.project_id,
      auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id),
      sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    from auth.audit_event e
    where (e.tx, e.number) > (p_after_tx, p_after_number) and (e.tx, e.number) <= (p_to_tx, p_to_number) and e.number > p_floor
    on conflict do nothing;
  for r in
    select e.*, k.key from auth.audit_event e
    left join auth.audit_person_key k on k.project_id = e.project_id
      and k.end_user_id = auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id)
    where (e.tx, e.number) > (p_after_tx, p_after_number) and (e.tx, e.number) <= (p_to_tx, p_to_number) and e.number > p_floor
    order by e.project_id, e.tx, e.number
  loop
    if v_project is distinct from r.project_id then
      if v_project is not null then
        insert into auth.audit_chain as c (project_id, seq, head) values (v_project, v_seq, v_head)
          on conflict (project_id) do update set seq = excluded.seq, head = excluded.head;
      end if;
      v_project := r.project_id;
      v_seq := null;
      select c.seq, c.head into v_seq, v_head from auth.audit_chain c where c.project_id = v_project;
      v_head := case when v_seq is null then sha256(convert_to('portico/audit/1 ' || v_project::text, 'UTF8')) else v_head end;
      v_seq := coalesce(v_seq, 0);
    end if;
    v_seq := v_seq + 1;
    v_commitment := sha256(sha256(r.key || uuid_send(r.id))
      || convert_to(auth.audit_text(r.ip) || auth.audit_text(r.user_agent), 'UTF8'));
    v_at := to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    v_leaf := sha256(convert_to(auth.audit_text(r.id::text) || auth.audit_text(r.action) || auth.audit_text(r.actor_type)
      || auth.audit_text(r.actor_id) || auth.audit_text(r.resource) || auth.audit_text(r.resource_id) || auth.audit_text(r.metadata::text)
      || auth.audit_text(v_at), 'UTF8') || v_commitment);
    v_head := sha256(v_head || int8send(v_seq) || v_leaf);
    insert into auth.audit_link (project_id, seq, event_id, leaf, commitment, head, chained_at)
      values (v_project, v_seq, r.id, v_leaf, v_commitment, v_head, p_now);
  end loop;
  if v_project is not null then
    insert into auth.audit_chain as c (project_id, seq, head) values (v_project, v_seq, v_head)
      on conflict (project_id) do update set seq = excluded.seq, head = excluded.head;
  end if;
end $$;

alter function auth.chain_events owner to portico_maintenance;
revoke all on function auth.chain_events from public;
