-- A part of a log has arrived: the stream goes on behind it. Nothing where the stream is another one by now.
create or replace function auth.note_audit_part(p_stream uuid, p_subject uuid, p_seq bigint, p_signature_seq bigint,
    p_lease_seconds integer, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  update metering.audit_stream s set delivered_at = p_now, parts = s.parts + 1,
      leased_until = p_now + make_interval(secs => p_lease_seconds)
    where s.id = p_stream;
  if found then
    insert into metering.audit_stream_place as w (stream_id, subject_id, seq, signature_seq)
      values (p_stream, p_subject, p_seq, p_signature_seq)
      on conflict (stream_id, subject_id) do update set seq = greatest(w.seq, excluded.seq),
        signature_seq = greatest(w.signature_seq, excluded.signature_seq);
  end if;
end $$;

alter function auth.note_audit_part owner to portico_maintenance;
revoke all on function auth.note_audit_part from public;
grant execute on function auth.note_audit_part to portico_worker;
