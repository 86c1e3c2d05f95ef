-- The senders of a project that are not the installation's, its own first.
create or replace function auth.mail_senders(p_project uuid)
  returns table (owner text, owner_id uuid, id uuid, kind text, from_address text, config jsonb, secret_sealed bytea, state text)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
begin
  return query
    select 'project'::text, s.project_id, s.id, s.kind, s.from_address, s.config, s.secret_sealed, s.state
      from auth.mail_sender s where s.project_id = p_project and s.state <> 'pending';
  return query
    select 'tenant'::text, t.tenant_id, t.id, t.kind, t.from_address, t.config, t.secret_sealed, t.state
      from platform.project p join platform.mail_sender t on t.tenant_id = p.tenant_id where p.id = p_project and t.state <> 'pending';
end $$;

alter function auth.mail_senders owner to portico_maintenance;
revoke all on function auth.mail_senders from public;
grant execute on function auth.mail_senders to portico_worker;
