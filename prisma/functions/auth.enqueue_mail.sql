-- A reset request, a confirmation asked for again, a mailed sign-in: one row, one trip.
create or replace function auth.enqueue_mail(p_project uuid, p_id uuid, p_kind text, p_payload jsonb, p_now timestamptz) returns void
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at, traceparent)
    values (p_project, p_id, p_kind, p_payload - 'traceparent', p_now, p_now, p_payload->>'traceparent');
end $$;

revoke all on function auth.enqueue_mail from public;
grant execute on function auth.enqueue_mail to portico_data;
