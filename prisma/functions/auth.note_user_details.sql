-- Whether a user ever had an identity, a factor or a passkey. Most never do, and looking into three tables to find that out cost more than
-- the rest of GET /user. It only ever turns on.
create or replace function auth.note_user_details() returns trigger
  language plpgsql set search_path = pg_catalog
  as $$
begin
  update auth.end_user u set has_details = true where u.project_id = new.project_id and u.id = new.end_user_id and not u.has_details;
  return null;
end $$;

revoke all on function auth.note_user_details from public;
grant execute on function auth.note_user_details to portico_control, portico_data, portico_maintenance;

create or replace trigger note_user_details after insert on auth.identity for each row execute function auth.note_user_details();
create or replace trigger note_user_details after insert on auth.factor for each row execute function auth.note_user_details();
create or replace trigger note_user_details after insert on auth.webauthn_credential for each row execute function auth.note_user_details();
