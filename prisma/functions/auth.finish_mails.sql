-- What became of mails that were taken: [{id, status, provider_id, reason, next_attempt_at, untried, detail}], in one round trip. Never
-- reopens a row that ended meanwhile. 'pending' puts the row back; suppress: it bounced off this address for good; untried: it was taken
-- and not sent, so the try does not count.
-- Each row is found by its key alone. As one join the plan hung on what the table looked like when it was analysed: while nothing waited
-- the index of due rows looked empty, and the table small enough to be read as a whole; every 25 mails of a later backlog then read all of
-- it.
-- `done_at` is set with every status that ends a row; the status itself would make the index of due rows a candidate.
create or replace function auth.finish_mails(p_project uuid, p_ends jsonb, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_end record;
  v_traceparent text;
begin
  for v_end in
    select e.* from jsonb_to_recordset(p_ends) e (id uuid, status text, provider_id text, reason text, next_attempt_at timestamptz,
      untried boolean, detail text, suppress text) order by e.id
  loop
    update auth.outbox o set status = v_end.status, provider_id = coalesce(v_end.provider_id, o.provider_id), last_error = v_end.reason,
        last_detail = v_end.detail,
        attempts = o.attempts - case when v_end.untried then 1 else 0 end, done_at = case when v_end.status <> 'pending' then p_now end,
        next_attempt_at = coalesce(v_end.next_attempt_at, o.next_attempt_at), leased_until = null
      where o.project_id = p_project and o.id = v_end.id and o.done_at is null;
    if v_end.suppress is not null then
      update auth.outbox o set delivery = 'bounced', delivery_at = p_now where o.project_id = p_project and o.id = v_end.id
        returning o.traceparent into v_traceparent;
      insert into auth.suppressed_address (project_id, address, reason, since) values (p_project, v_end.suppress, 'bounced', p_now)
        on conflict (project_id, address) do nothing;
      insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at, traceparent)
        values (p_project, 'mail.bounced', 'system', 'mail', v_end.id::text, jsonb_build_object('reason', v_end.reason), p_now,
          v_traceparent);
    end if;
  end loop;
end $$;

revoke all on function auth.finish_mails from public;
grant execute on function auth.finish_mails to portico_worker;
