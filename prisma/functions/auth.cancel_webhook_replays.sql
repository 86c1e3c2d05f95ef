-- Nothing more is told again to an endpoint that is turned off. p_owner: its project or tenant.
create or replace function auth.cancel_webhook_replays(p_owner uuid, p_endpoint uuid, p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  update platform.webhook_replay r set status = 'cancelled', done_at = p_now
    where r.endpoint_id = p_endpoint and coalesce(r.of_project, r.tenant_id) = p_owner and r.status = 'running';
end $$;

alter function auth.cancel_webhook_replays owner to portico_maintenance;
revoke all on function auth.cancel_webhook_replays from public;
grant execute on function auth.cancel_webhook_replays to portico_control;
