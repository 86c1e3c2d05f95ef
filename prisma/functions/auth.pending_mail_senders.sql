-- Senders whose domain waits for its proof.
create or replace function auth.pending_mail_senders(p_limit integer)
  returns table (owner text, owner_id uuid, id uuid, config jsonb)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query select 'project'::text, s.project_id, s.id, s.config from auth.mail_sender s where s.state = 'pending' limit p_limit;
  return query select 'tenant'::text, t.tenant_id, t.id, t.config from platform.mail_sender t where t.state = 'pending' limit p_limit;
end $$;

alter function auth.pending_mail_senders owner to portico_maintenance;
revoke all on function auth.pending_mail_senders from public;
grant execute on function auth.pending_mail_senders to portico_worker;
