-- Sets the sender of a tenant (p_sender is a row) or removes it (null), with its audit row, and tells the processes of every project of the
-- tenant. Answers whether there was something to remove.
create or replace function auth.change_tenant_mail_sender(p_tenant uuid, p_sender jsonb, p_secret bytea, p_audit jsonb, p_now timestamptz)
  returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  if p_sender is null then
    delete from platform.mail_sender t where t.tenant_id = p_tenant;
    if not found then return false; end if;
  else
    insert into platform.mail_sender as t (tenant_id, id, kind, from_address, config, secret_sealed, state, created_at, updated_at)
      values (p_tenant, (p_sender->>'id')::uuid, p_sender->>'kind', p_sender->>'from_address', p_sender->'config', p_secret,
        p_sender->>'state', p_now, p_now)
      on conflict (tenant_id) do update set id = excluded.id, kind = excluded.kind, from_address = excluded.from_address,
        config = excluded.config, secret_sealed = excluded.secret_sealed, state = excluded.state, failing_code = null,
        failing_detail = null, failing_since = null, updated_at = excluded.updated_at;
  end if;
  insert into platform.audit_event (tenant_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
    values (p_tenant, p_audit->>'action', p_audit->>'actor_type', p_audit->>'actor_id', 'mail_sender', p_audit->>'resource_id',
      p_audit->>'ip', p_audit->>'user_agent', coalesce(p_audit->'metadata', '{}'), p_now);
  insert into auth.change (project_id, changed_at)
    select p.id, p_now from platform.project p where p.tenant_id = p_tenant on conflict do nothing;
  return true;
end $$;

alter function auth.change_tenant_mail_sender owner to portico_maintenance;
revoke all on function auth.change_tenant_mail_sender from public;
grant execute on function auth.change_tenant_mail_sender to portico_control;
