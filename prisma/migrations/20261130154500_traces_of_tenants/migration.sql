-- What happens to a tenant knows the trace of its request, as what happens in a project does.
alter table platform.audit_event add column traceparent text default nullif(current_setting('portico.traceparent', true), '');
