-- Looks at projects with a limit of people or of monthly active ones: tells once a month what was reached of it (80 and 100 percent), and
-- pauses sign-ups at the limit until there is room again. Answers for how many projects something changed.
create or replace function auth.watch_limits(p_now timestamptz) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog
  as $$
declare
  v_month timestamptz := date_trunc('month', p_now, 'UTC');
  v_of record;
  v_limit record;
  v_percent integer;
  v_paused text;
  v_count integer := 0;
begin
  for v_of in
    select x.* from (
      select s.project_id, s.sign_ups_paused, (s.settings->>'max_people')::bigint as max_people,
        (s.settings->>'max_monthly_active')::bigint as max_active, coalesce(t.people, 0) as people, coalesce(h.count, 0) as active
      from auth.service s
      left join auth.project_total t on t.project_id = s.project_id
      left join auth.hourly_count h on h.project_id = s.project_id and h.hour = v_month and h.kind = 'active.month' and h.detail = ''
      where s.settings ? 'max_people' or s.settings ? 'max_monthly_active' or s.sign_ups_paused is not null
      -- What lies on several machines is gathered first, and then met with what lies on this one.
      offset 0) x
    join platform.project p on p.id = x.project_id and p.archived_at is null
  loop
    for v_limit in
      select l.* from (values ('max_people', v_of.people, v_of.max_people), ('max_monthly_active', v_of.active, v_of.max_active))
        l (metric, value, most) where l.most is not null
    loop
      foreach v_percent in array array[80, 100] loop
        continue when v_limit.value * 100 < v_limit.most * v_percent;
        insert into auth.usage_threshold (project_id, metric, month, percent, reached_at)
          values (v_of.project_id, v_limit.metric, (v_month at time zone 'UTC')::date, v_percent, p_now) on conflict do nothing;
        continue when not found;
        insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
          values (v_of.project_id, 'usage.threshold', 'system', 'project', 'proj_' || v_of.project_id, jsonb_build_object('metric',
            v_limit.metric, 'percent', v_percent, 'value', v_limit.value, 'limit', v_limit.most), p_now);
      end loop;
    end loop;
    v_paused := case when v_of.people >= v_of.max_people then 'max_people'
      when v_of.active >= v_of.max_active then 'max_monthly_active' end;
    continue when v_paused is not distinct from v_of.sign_ups_paused;
    -- Of several workers at once one changes it and says so.
    update auth.service s set sign_ups_paused = v_paused
      where s.project_id = v_of.project_id and s.sign_ups_paused is distinct from v_paused;
    continue when not found;
    insert into auth.change (project_id, changed_at) values (v_of.project_id, p_now);
    insert into auth.audit_event (project_id, action, actor_type, resource, resource_id, metadata, created_at)
      values (v_of.project_id, case when v_paused is null then 'usage.sign_ups_resumed' else 'usage.sign_ups_paused' end, 'system',
        'project', 'proj_' || v_of.project_id,
        case when v_paused is null then '{}'::jsonb else jsonb_build_object('reason', v_paused) end, p_now);
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

alter function auth.watch_limits owner to portico_maintenance;
revoke all on function auth.watch_limits from public;
grant execute on function auth.watch_limits to portico_worker;
