-- What a hook says of a person that it let sign up: keys are added or replaced. Answers the whole; null: no such person, or too much.
-- The data plane has no right to the column but through here.
create or replace function auth.merge_app_metadata(p_project uuid, p_user uuid, p_metadata jsonb, p_most integer) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_merged jsonb;
begin
  update auth.end_user u set app_metadata = u.app_metadata || p_metadata
    where u.project_id = p_project and u.id = p_user and octet_length((u.app_metadata || p_metadata)::text) <= p_most
    returning u.app_metadata into v_merged;
  return v_merged;
end $$;

alter function auth.merge_app_metadata owner to portico_maintenance;
revoke all on function auth.merge_app_metadata from public;
grant execute on function auth.merge_app_metadata to portico_data;
