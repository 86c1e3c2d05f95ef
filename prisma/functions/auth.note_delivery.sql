-- What the provider reports of a mail, once: a later report of less weight, or the same again, changes nothing. Answers the address when it
-- was suppressed for it. The mail has to be one that this provider took: its id is checked beside ours.
create or replace function auth.note_delivery(p_project uuid, p_id uuid, p_provider_id text, p_delivery text, p_reason text, p_detail text,
  p_suppress text, p_now timestamptz) returns text
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_ranks text[] := array['delayed', 'delivered', 'bounced', 'complained'];
  v_kind text;
begin
  update auth.outbox o set delivery = p_delivery, delivery_at = p_now, last_error = coalesce(p_reason, o.last_error),
      last_detail = coalesce(p_detail, o.last_detail)
    where o.project_id = p_project and o.id = p_id and o.provider_id = p_provider_id
      and coalesce(array_position(v_ranks, o.delivery), 0) < array_position(v_ranks, p_delivery)
    returning o.kind into v_kind;
  if v_kind is null then return null; end if;
  if p_delivery in ('bounced', 'complained') then
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (p_project, 'mail.' || p_delivery, 'system', 'mail', p_id::text,
        jsonb_strip_nulls(jsonb_build_object('kind', v_kind, 'reason', p_reason)), p_now);
  end if;
  if p_suppress is null then return null; end if;
  insert into auth.suppressed_address (project_id, address, reason, since) values (p_project, p_suppress, p_delivery, p_now)
    on conflict (project_id, address) do nothing;
  return p_suppress;
end $$;

revoke all on function auth.note_delivery from public;
grant execute on function auth.note_delivery to portico_control;
