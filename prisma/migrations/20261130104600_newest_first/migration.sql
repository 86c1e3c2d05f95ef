-- Lists ask for the newest first and, of one instant, the greatest id first. An index that has the ids the other way round serves the
-- instant alone: a replay or an import makes thousands of rows of one instant, and each page sorted all of them with their bodies (0.5 s
-- for a page of 20 deliveries among 10,000 of one replay).
drop index auth.webhook_delivery_by_endpoint;
create index webhook_delivery_by_endpoint on auth.webhook_delivery (endpoint_id, created_at desc, id desc);
drop index auth.audit_event_by_project;
create index audit_event_by_project on auth.audit_event (project_id, created_at desc, id desc);
drop index platform.audit_event_by_tenant;
create index audit_event_by_tenant on platform.audit_event (tenant_id, created_at desc, id desc);
drop index auth.audit_event_by_user;
create index audit_event_by_user on auth.audit_event (
  project_id, (case when actor_type = 'end_user' then actor_id when resource = 'end_user' then resource_id end), created_at desc, id desc
) where actor_type = 'end_user' or resource = 'end_user';
