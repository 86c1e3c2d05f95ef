-- The trace (W3C Trace Context) of the request that an event came from, so that a webhook belongs to it. A process that sends traces sets it
-- for its transaction; otherwise there is none.
alter table auth.audit_event add column traceparent text default nullif(current_setting('portico.traceparent', true), '');
alter table auth.webhook_delivery add column traceparent text;
