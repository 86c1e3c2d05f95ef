-- Followers of a project are told by the order of handing on (auth.audit_link.seq); where an event that a reader names stands in it is
-- found by this. `auth.audit_event.tx` and its index are read by the release before alone (auth.events_followed): they go with the next.
create index audit_link_by_event on auth.audit_link (project_id, event_id);
