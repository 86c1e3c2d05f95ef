-- Of the newest 1,000 mails of a project in seven days: how many there were, came back for good, and were reported as spam.
create or replace function auth.mail_reputation(p_project uuid, p_now timestamptz)
  returns table (sent integer, bounced integer, complained integer)
  language plpgsql volatile
  as $$
declare
  v_scope text := set_config('portico.project_id', p_project::text, true);
begin
  return query select count(*)::integer, (count(*) filter (where l.gone))::integer, (count(*) filter (where l.spam))::integer from (
    select o.status = 'dead' or (o.delivery = 'bounced' and coalesce(o.last_error, '') not like 'transient%') as gone,
        coalesce(o.delivery = 'complained', false) as spam
      from auth.outbox o where o.project_id = p_project and o.created_at > p_now - interval '7 days'
        and (o.status = 'sent' or (o.status = 'dead' and o.last_error like 'smtp\_5%'))
      order by o.created_at desc, o.id desc limit 1000) l;
end $$;

revoke all on function auth.mail_reputation from public;
grant execute on function auth.mail_reputation to portico_worker;
