-- Keeps the key of the first process that brings one.
create or replace function auth.adopt_token_key(p_project uuid, p_sealed bytea) returns bytea
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  update auth.service s set token_key_sealed = p_sealed where s.project_id = p_project and s.token_key_sealed is null;
  return (select s.token_key_sealed from auth.service s where s.project_id = p_project);
end $$;

alter function auth.adopt_token_key owner to portico_maintenance;
revoke all on function auth.adopt_token_key from public;
grant execute on function auth.adopt_token_key to portico_data;
