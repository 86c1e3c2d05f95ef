-- Whom of a project's people an event is about: who did it, or whom it was done to. The audit trail of one person is read by it, whatever
-- the length of the project's log.
create index audit_event_by_user on auth.audit_event
  (project_id, (case when actor_type = 'end_user' then actor_id when resource = 'end_user' then resource_id end), created_at desc, id)
  where actor_type = 'end_user' or resource = 'end_user';
