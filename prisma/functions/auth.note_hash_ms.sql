-- Time that was spent on hashing passwords, by project: what a process gathered since it last said so.
create or replace function auth.note_hash_ms(p_projects uuid[], p_milliseconds bigint[], p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
begin
  perform auth.add_counts('hash.ms', p_projects, array_fill(''::text, array[cardinality(p_projects)]), p_milliseconds, p_now);
end $$;

alter function auth.note_hash_ms owner to portico_maintenance;
revoke all on function auth.note_hash_ms from public;
grant execute on function auth.note_hash_ms to portico_control, portico_data;
