-- Whether the person behind an address has had a session from this client address since then; of IPv6 the /64 counts, which one subscriber
-- owns whole. Sessions that were ended as an intruder's make no address known.
create or replace function auth.signed_in_from(p_project uuid, p_email text, p_ip text, p_since timestamptz) returns boolean
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
  v_user uuid := (select u.id from auth.end_user u where u.project_id = p_project and u.email = p_email and u.email <> '');
begin
  return exists (select 1 from auth.session s
    where s.project_id = p_project and s.end_user_id = v_user and s.created_at > p_since
      and coalesce(s.end_reason, '') not in ('evicted', 'address_proven')
      and (s.ip = p_ip or case when p_ip like '%:%' and s.ip like '%:%'
        then network(set_masklen(s.ip::inet, 64)) = network(set_masklen(p_ip::inet, 64)) else false end));
end $$;

revoke all on function auth.signed_in_from from public;
grant execute on function auth.signed_in_from to portico_data;
