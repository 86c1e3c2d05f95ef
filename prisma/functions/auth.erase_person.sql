-- Destroys what is kept about a person of a project beside their account, whose row the caller deletes in the same transaction: what it was
-- and how many rows, and what goes with the account. Of the audit log the personal fields go and the key that salted their commitments, so
-- the chain stays as it is. The caller holds the reader of events (auth.hold_event_reader), so that none of these rows is being chained
-- meanwhile.
create or replace function auth.erase_person(p_project uuid, p_user uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_addresses text[];
  v_done jsonb := '{}';
  v_rows integer;
begin
  -- Another erasure of the same person is over when this goes on, and has left nothing.
  select array_agg(distinct lower(a.address)) into v_addresses from (
    select unnest(array[u.email, u.email_typed, u.pending_email]) as address from auth.end_user u
      where u.project_id = p_project and u.id = p_user
    union all
    select i.email from auth.identity i where i.project_id = p_project and i.end_user_id = p_user
    union all
    select o.payload->>'address' from auth.outbox o where o.project_id = p_project and o.payload->>'end_user_id' = p_user::text
  ) a where a.address <> '';
  v_addresses := coalesce(v_addresses, '{}');

  -- What the row of the account takes along.
  select v_done || jsonb_strip_nulls(jsonb_build_object(
      'account', nullif((select count(*) from auth.end_user t where t.project_id = p_project and t.id = p_user), 0),
      'sessions', nullif((select count(*) from auth.session t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'identities', nullif((select count(*) from auth.identity t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'factors', nullif((select count(*) from auth.factor t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'passkeys', nullif((select count(*) from auth.webauthn_credential t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'recovery_codes', nullif((select count(*) from auth.recovery_code t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'mailed_links', nullif((select count(*) from auth.one_time_token t where t.project_id = p_project and t.end_user_id = p_user), 0),
      'memberships', nullif((select count(*) from auth.organization_membership t
        where t.project_id = p_project and t.end_user_id = p_user), 0),
      'directory_entries', nullif((select count(*) from auth.directory_user t
        where t.project_id = p_project and t.end_user_id = p_user), 0)))
    into v_done;

  delete from auth.dev_mail t where t.project_id = p_project and (lower(t.to_address) = any (v_addresses) or t.outbox_id in (
    select o.id from auth.outbox o where o.project_id = p_project and o.payload->>'end_user_id' = p_user::text));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('development_mails', v_rows);
  delete from auth.outbox t where t.project_id = p_project
    and (t.payload->>'end_user_id' = p_user::text or lower(t.payload->>'address') = any (v_addresses)
      or lower(t.payload->>'email') = any (v_addresses));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('mails', v_rows);
  delete from auth.email_challenge t where t.project_id = p_project
    and (lower(t.address) = any (v_addresses) or lower(t.address_typed) = any (v_addresses));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('mailed_codes', v_rows);
  delete from auth.organization_invitation t where t.project_id = p_project and lower(t.email) = any (v_addresses);
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('invitations', v_rows);
  delete from auth.suppressed_address t where t.project_id = p_project and lower(t.address) = any (v_addresses);
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('suppressed_addresses', v_rows);
  delete from auth.sso_attempt t where t.project_id = p_project and t.report is not null
    and (strpos(t.report::text, p_user::text) > 0
      or exists (select from unnest(v_addresses) a (address) where strpos(lower(t.report::text), a.address) > 0));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('sso_attempts', v_rows);
  delete from auth.directory_event t where t.project_id = p_project and t.resource_id = p_user::text;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('directory_events', v_rows);
  -- Their deliveries go along, sent or not.
  delete from auth.webhook_message t where t.project_id = p_project
    and (strpos(t.body, p_user::text) > 0
      or exists (select from unnest(v_addresses) a (address) where strpos(lower(t.body), a.address) > 0));
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('webhook_messages', v_rows);

  update auth.audit_event e set ip = null, user_agent = null, erased = true
    where e.project_id = p_project and e.erased is not true and (e.actor_type = 'end_user' or e.resource = 'end_user')
      and case when e.actor_type = 'end_user' then e.actor_id when e.resource = 'end_user' then e.resource_id end = p_user::text
      and auth.audit_person(e.actor_type, e.actor_id, e.resource, e.resource_id) = p_user;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('audit_rows', v_rows);
  delete from auth.audit_person_key k where k.project_id = p_project and k.end_user_id = p_user;
  get diagnostics v_rows = row_count; v_done := v_done || jsonb_build_object('audit_key', v_rows);
  return (select coalesce(jsonb_object_agg(d.key, d.value), '{}') from jsonb_each(v_done) d where d.value <> '0');
end $$;

alter function auth.erase_person owner to portico_maintenance;
revoke all on function auth.erase_person from public;
grant execute on function auth.erase_person to portico_control;
