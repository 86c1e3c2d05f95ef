-- Hashes audit rows, all by one statement and in the order they are given in. A commitment binds what is personal in a row, salted under
-- its key, which can be destroyed: then nobody finds out by trying what it was. A leaf is sha256 of the row's fields and of its commitment.
-- Each field is its length in bytes and its text, so that two rows never give the same bytes; a minus for none.
-- `portico audit verify` computes the same.
create or replace function auth.audit_hashes(p_events auth.handed_event[], p_keys bytea[], out commitments bytea[], out leaves bytea[])
  language plpgsql stable set search_path = pg_catalog
  as $$
begin
  select array_agg(h.commitment order by h.place), array_agg(sha256(convert_to(h.fields, 'UTF8') || h.commitment) order by h.place)
    into commitments, leaves from (
      select e.place, sha256(sha256(e.key || uuid_send(e.id)) || convert_to(
          coalesce(octet_length(e.ip) || ':' || e.ip, '-') || coalesce(octet_length(e.user_agent) || ':' || e.user_agent, '-'),
          'UTF8')) as commitment,
        octet_length(e.id::text) || ':' || e.id
          || coalesce(octet_length(e.action) || ':' || e.action, '-')
          || coalesce(octet_length(e.actor_type) || ':' || e.actor_type, '-')
          || coalesce(octet_length(e.actor_id) || ':' || e.actor_id, '-')
          || coalesce(octet_length(e.resource) || ':' || e.resource, '-')
          || coalesce(octet_length(e.resource_id) || ':' || e.resource_id, '-')
          || coalesce(octet_length(e.metadata::text) || ':' || e.metadata::text, '-')
          || '27:' || to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as fields
      from rows from (unnest(p_events), unnest(p_keys)) with ordinality e (number, project_id, tenant_id, id, action, actor_type, actor_id,
        resource, resource_id, ip, user_agent, metadata, created_at, traceparent, end_user_id, made_at, email_verified_at,
        first_sign_in_at, key, place)
      offset 0) h;
end $$;

revoke all on function auth.audit_hashes from public;
grant execute on function auth.audit_hashes to portico_maintenance;
