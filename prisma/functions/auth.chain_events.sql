-- Chains audit rows, those of each project by themselves, in the order of their numbers: a part of auth.hand_on_events and of nothing else,
-- for it chains whatever it is given. Each row gets a leaf (sha256 of its fields, and of a commitment to what is personal in it) and a head
-- (sha256 of the head before, the number and the leaf). `portico audit verify` computes the same.
create or replace function auth.chain_events(p_events jsonb, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_people jsonb;
  v_keys jsonb;
  v_heads jsonb;
  v_project uuid;
  v_seq bigint;
  v_head bytea;
  v_commitment bytea;
  v_leaf bytea;
  v_erased jsonb;
  v_person text;
  v_projects uuid[] := '{}';
  v_seqs bigint[] := '{}';
  v_events uuid[] := '{}';
  v_leaves bytea[] := '{}';
  v_commitments bytea[] := '{}';
  v_chain bytea[] := '{}';
  r record;
begin
  select jsonb_agg(distinct jsonb_build_object('project_id', e.project_id, 'person',
      auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id))) into v_people
    from jsonb_to_recordset(p_events) e (project_id uuid, actor_type text, actor_id text, resource text, resource_id text);
  -- Of somebody who was erased meanwhile: what a request that was still under way has written about them.
  select jsonb_object_agg(x.project_id || ' ' || x.end_user_id, true) into v_erased from auth.audit_erasure x
    where x.project_id = any (array(select p.project_id from jsonb_to_recordset(v_people) p (project_id uuid)))
      and x.end_user_id = any (array(select p.person from jsonb_to_recordset(v_people) p (person uuid)));
  if v_erased is not null then
    select array_agg(e.project_id), array_agg(e.id) into v_projects, v_events
      from jsonb_to_recordset(p_events) e (project_id uuid, id uuid, actor_type text, actor_id text, resource text, resource_id text)
      where v_erased ? (e.project_id || ' ' || auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id));
    update auth.audit_event e set ip = null, user_agent = null where e.project_id = any (v_projects) and e.id = any (v_events);
    v_projects := '{}';
    v_events := '{}';
  end if;
  insert into auth.audit_person_key (project_id, end_user_id, key)
    select p.project_id, p.person, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    from jsonb_to_recordset(v_people) p (project_id uuid, person uuid) order by 1, 2 on conflict do nothing;
  select jsonb_object_agg(k.project_id || ' ' || k.end_user_id, encode(k.key, 'hex')) into v_keys from auth.audit_person_key k
    where k.project_id = any (array(select p.project_id from jsonb_to_recordset(v_people) p (project_id uuid)))
      and k.end_user_id = any (array(select p.person from jsonb_to_recordset(v_people) p (person uuid)));
  select coalesce(jsonb_object_agg(c.project_id, jsonb_build_object('seq', c.seq, 'head', encode(c.head, 'hex'))), '{}') into v_heads
    from auth.audit_chain c where c.project_id = any (array(select p.project_id from jsonb_to_recordset(v_people) p (project_id uuid)));
  for r in
    select e.* from jsonb_to_recordset(p_events) e (number bigint, project_id uuid, id uuid, action text, actor_type text, actor_id text,
      resource text, resource_id text, ip text, user_agent text, metadata jsonb, created_at timestamptz) order by e.project_id, e.number
  loop
    if v_project is distinct from r.project_id then
      v_project := r.project_id;
      v_seq := coalesce((v_heads -> v_project::text ->> 'seq')::bigint, 0);
      v_head := coalesce(decode(v_heads -> v_project::text ->> 'head', 'hex'),
        sha256(convert_to('portico/audit/1 ' || v_project::text, 'UTF8')));
    end if;
    v_seq := v_seq + 1;
    v_person := v_project || ' ' || auth.audit_person(r.actor_type, r.actor_id, r.resource, r.resource_id);
    if v_erased ? v_person then
      r.ip := null;
      r.user_agent := null;
    end if;
    v_commitment := auth.audit_commitment(decode(v_keys ->> v_person, 'hex'), r.id, r.ip, r.user_agent);
    v_leaf := auth.audit_leaf(r.id, r.action, r.actor_type, r.actor_id, r.resource, r.resource_id, r.metadata, r.created_at, v_commitment);
    v_head := sha256(v_head || int8send(v_seq) || v_leaf);
    v_projects := v_projects || v_project;
    v_seqs := v_seqs || v_seq;
    v_events := v_events || r.id;
    v_leaves := v_leaves || v_leaf;
    v_commitments := v_commitments || v_commitment;
    v_chain := v_chain || v_head;
  end loop;
  insert into auth.audit_link (project_id, seq, event_id, leaf, commitment, head, chained_at)
    select l.project_id, l.seq, l.event_id, l.leaf, l.commitment, l.head, p_now
    from unnest(v_projects, v_seqs, v_events, v_leaves, v_commitments, v_chain) l (project_id, seq, event_id, leaf, commitment, head);
  insert into auth.audit_chain as c (project_id, seq, head)
    select distinct on (l.project_id) l.project_id, l.seq, l.head from unnest(v_projects, v_seqs, v_chain) l (project_id, seq, head)
      order by l.project_id, l.seq desc
    on conflict (project_id) do update set seq = excluded.seq, head = excluded.head;
end $$;

alter function auth.chain_events owner to portico_maintenance;
revoke all on function auth.chain_events from public;
