-- The replays of an endpoint, newest first; one with p_id. Of another owner's endpoint: nothing.
create or replace function auth.webhook_replays(p_owner uuid, p_endpoint uuid, p_id uuid, p_limit integer)
  returns table (id uuid, endpoint_id uuid, status text, since timestamptz, until timestamptz, deliveries integer, created_at timestamptz,
    done_at timestamptz)
  language plpgsql stable security definer set search_path = pg_catalog
  as $$
#variable_conflict use_column
begin
  return query
  select r.id, r.endpoint_id, r.status, r.since, r.until, r.deliveries, r.created_at, r.done_at from platform.webhook_replay r
  where r.endpoint_id = p_endpoint and coalesce(r.of_project, r.tenant_id) = p_owner and (p_id is null or r.id = p_id)
  order by r.created_at desc, r.id desc limit p_limit;
end $$;

alter function auth.webhook_replays owner to portico_maintenance;
revoke all on function auth.webhook_replays from public;
grant execute on function auth.webhook_replays to portico_control;
