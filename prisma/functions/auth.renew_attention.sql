-- Looks what somebody should see to, over all projects; what is over disappears, what goes on keeps its beginning.
-- Failures have risen: 20 or more in this hour and the one before, and three times what two hours of the day before had on average.
create or replace function auth.renew_attention(p_now timestamptz) returns void
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_hour timestamptz := date_trunc('hour', p_now, 'UTC');
  v_found jsonb;
  v_domains jsonb;
  v_known_as jsonb;
  v_known uuid[];
  v_over record;
begin
  select jsonb_agg(to_jsonb(f)) into v_found from (
    select r.project_id, 'rotation_waiting' as kind, '' as detail, r.started_at as since from auth.key_rotation r
    union all
    select h.project_id, 'mail_given_up', '', min(h.hour) from auth.hourly_count h
    where h.hour > v_hour - interval '24 hours' and h.kind = 'mail' and h.detail = 'dead' group by h.project_id
    union all
    select h.project_id, 'provider_failing', h.detail, min(h.hour) from auth.hourly_count h
    where h.hour > v_hour - interval '6 hours' and h.kind = 'provider.refused' group by h.project_id, h.detail having sum(h.count) >= 3
    union all
    select h.project_id, 'failures_rose', '', min(h.hour) filter (where h.hour >= v_hour - interval '1 hour')
    from auth.hourly_count h where h.hour >= v_hour - interval '25 hours' and h.hour <= v_hour and h.kind = 'sign_in.refused'
    group by h.project_id
    having coalesce(sum(h.count) filter (where h.hour >= v_hour - interval '1 hour'), 0)
      >= greatest(20, 3 * coalesce(sum(h.count) filter (where h.hour < v_hour - interval '1 hour'), 0) / 12)) f;
  select jsonb_agg(to_jsonb(f)) into v_domains from (
    select d.project_id, 'domain_unverified' as kind, d.hostname as detail, d.created_at as since
    from auth.domain d where d.verified_at is null
    union all
    select d.project_id, 'domain_unverified', d.hostname, d.proof_missing_since from auth.domain d
    where d.verified_at is not null and d.proof_missing_since is not null) f;
  v_found := coalesce(v_found, '[]') || coalesce(v_domains, '[]');
  select jsonb_agg(to_jsonb(a)) into v_known_as from (select t.project_id, t.kind, t.detail from auth.attention t) a;
  for v_over in
    select a.* from jsonb_to_recordset(v_known_as) a (project_id uuid, kind text, detail text)
    where not exists (select 1 from jsonb_to_recordset(v_found) f (project_id uuid, kind text, detail text)
      where f.project_id = a.project_id and f.kind = a.kind and f.detail = a.detail)
  loop
    delete from auth.attention a where a.project_id = v_over.project_id and a.kind = v_over.kind and a.detail = v_over.detail;
  end loop;
  select array_agg(s.project_id) into v_known from auth.service s
    where s.project_id = any (array(select f.project_id from jsonb_to_recordset(v_found) f (project_id uuid)));
  insert into auth.attention (project_id, kind, detail, since)
    select f.project_id, f.kind, f.detail, f.since
    from jsonb_to_recordset(v_found) f (project_id uuid, kind text, detail text, since timestamptz) where f.project_id = any (v_known)
  on conflict (project_id, kind, detail) do nothing;
end $$;

alter function auth.renew_attention owner to portico_maintenance;
revoke all on function auth.renew_attention from public;
grant execute on function auth.renew_attention to portico_worker;
