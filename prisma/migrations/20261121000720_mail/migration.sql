-- The worker takes, sends and finishes the mails of a project many at a time.

-- Until then a row is in the hands of one sender. A second hand-over of the row (a queue may deliver twice, a slow row is handed over again)
-- finds it taken, instead of sending it beside the first. Null: in nobody's hands.
alter table auth.outbox add column leased_until timestamptz;

-- What became of mails that were taken: [{id, status, provider_id, reason, next_attempt_at, untried}], in one round trip. Never reopens a row
-- that ended meanwhile. 'pending' puts the row back; untried: it was taken and not sent, so the try does not count.
create function auth.finish_mails(p_project uuid, p_ends jsonb, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
begin
  perform auth.enter_project(p_project);
  update auth.outbox o set status = e.status, provider_id = coalesce(e.provider_id, o.provider_id), last_error = e.reason,
      attempts = o.attempts - case when e.untried then 1 else 0 end, done_at = case when e.status <> 'pending' then p_now end,
      next_attempt_at = coalesce(e.next_attempt_at, o.next_attempt_at), leased_until = null
    from jsonb_to_recordset(p_ends) e (id uuid, status text, provider_id text, reason text, next_attempt_at timestamptz, untried boolean)
    where o.project_id = p_project and o.id = e.id and o.status in ('pending', 'enqueued');
end $$;

revoke all on function auth.finish_mails(uuid, jsonb, timestamptz) from public;
grant execute on function auth.finish_mails(uuid, jsonb, timestamptz) to portico_worker;
