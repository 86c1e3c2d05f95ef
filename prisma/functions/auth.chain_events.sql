-- Chains audit rows, those of each project by themselves, in the order of their numbers: a part of auth.hand_on_events and of nothing else,
-- for it chains whatever it is given. Each row gets a leaf (sha256 of its fields, and of a commitment to what is personal in it) and a head
-- (sha256 of the head before, the number and the leaf). `portico audit verify` computes the same.
create or replace function auth.chain_events(p_events auth.handed_event[], p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  -- In the order of the chains, item by item.
  v_events auth.handed_event[];
  v_of uuid[];
  v_ids uuid[];
  v_people uuid[];
  v_keys bytea[];
  v_commitments bytea[];
  v_leaves bytea[];
  v_seqs bigint[] := '{}';
  v_heads bytea[] := '{}';
  -- Rows of people, of keys and of chains that are there.
  v_some_of uuid[];
  v_some uuid[];
  v_key_of uuid[];
  v_key_person uuid[];
  v_key bytea[];
  v_new bytea[];
  v_chain_of uuid[];
  v_chain_seq bigint[];
  v_chain_head bytea[];
  v_place integer;
  v_rows integer;
  v_seq bigint;
  v_head bytea;
begin
  select array_agg(s.e), array_agg(s.project_id), array_agg(s.id), array_agg(s.person) into v_events, v_of, v_ids, v_people from (
    select e, e.project_id, e.id, auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) as person
    from unnest(p_events) e order by e.project_id, e.number) s;
  -- Of somebody who was erased meanwhile: what a request that was still under way has written about them.
  select array_agg(x.project_id), array_agg(x.end_user_id) into v_some_of, v_some from auth.audit_erasure x
    where x.project_id = any (v_of) and x.end_user_id = any (v_people);
  if v_some is not null then
    select array_agg(e.project_id), array_agg(e.id) into v_some_of, v_some from unnest(v_of, v_ids, v_people) e (project_id, id, person)
      where (e.project_id, e.person) in (select * from unnest(v_some_of, v_some));
    update auth.audit_event e set ip = null, user_agent = null where e.project_id = any (v_some_of) and e.id = any (v_some);
    for i in 1 .. cardinality(v_ids) loop
      if v_ids[i] = any (v_some) then
        v_events[i].ip := null;
        v_events[i].user_agent := null;
      end if;
    end loop;
  end if;
  for v_try in 1 .. 2 loop
    select array_agg(k.project_id), array_agg(k.end_user_id), array_agg(k.key) into v_key_of, v_key_person, v_key
      from auth.audit_person_key k where k.project_id = any (v_of) and k.end_user_id = any (v_people);
    select array_agg(n.project_id), array_agg(n.person), array_agg(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
      into v_some_of, v_some, v_new from (
        select * from unnest(v_of, v_people) e (project_id, person)
        except select * from unnest(v_key_of, v_key_person) order by 1, 2) n;
    exit when v_some is null;
    insert into auth.audit_person_key (project_id, end_user_id, key)
      select n.project_id, n.person, n.key from unnest(v_some_of, v_some, v_new) n (project_id, person, key) on conflict do nothing;
    get diagnostics v_rows = row_count;
    v_key_of := v_key_of || v_some_of;
    v_key_person := v_key_person || v_some;
    v_key := v_key || v_new;
    -- Else somebody else has made one of them meanwhile: it is read.
    exit when v_rows = cardinality(v_some);
  end loop;
  select array_agg(k.key order by e.place) into v_keys from unnest(v_of, v_people) with ordinality e (project_id, person, place)
    join unnest(v_key_of, v_key_person, v_key) k (project_id, person, key) on k.project_id = e.project_id and k.person = e.person;
  select h.commitments, h.leaves into v_commitments, v_leaves from auth.audit_hashes(v_events, v_keys) h;
  select array_agg(c.project_id), array_agg(c.seq), array_agg(c.head) into v_chain_of, v_chain_seq, v_chain_head
    from auth.audit_chain c where c.project_id = any (v_of);
  for i in 1 .. cardinality(v_of) loop
    if i = 1 or v_of[i] <> v_of[i - 1] then
      v_place := array_position(v_chain_of, v_of[i]);
      v_seq := coalesce(v_chain_seq[v_place], 0);
      v_head := coalesce(v_chain_head[v_place], sha256(convert_to('portico/audit/1 ' || v_of[i]::text, 'UTF8')));
    end if;
    v_seq := v_seq + 1;
    v_head := sha256(v_head || int8send(v_seq) || v_leaves[i]);
    v_seqs := v_seqs || v_seq;
    v_heads := v_heads || v_head;
  end loop;
  insert into auth.audit_link (project_id, seq, event_id, leaf, commitment, head, chained_at)
    select l.project_id, l.seq, l.event_id, l.leaf, l.commitment, l.head, p_now
    from unnest(v_of, v_seqs, v_ids, v_leaves, v_commitments, v_heads) l (project_id, seq, event_id, leaf, commitment, head)
    -- There is none: whoever chains is alone. Without it Citus would copy the rows in, which row security forbids.
    on conflict do nothing;
  get diagnostics v_rows = row_count;
  if v_rows <> cardinality(v_of) then
    raise exception 'a place of an audit chain is taken';
  end if;
  insert into auth.audit_chain as c (project_id, seq, head)
    select distinct on (l.project_id) l.project_id, l.seq, l.head from unnest(v_of, v_seqs, v_heads) l (project_id, seq, head)
      order by l.project_id, l.seq desc
    on conflict (project_id) do update set seq = excluded.seq, head = excluded.head;
end $$;

alter function auth.chain_events owner to portico_maintenance;
revoke all on function auth.chain_events from public;
