-- The span (W3C Trace Context) of the request that caused the mail: what the worker does for it joins that trace. Null without traces.
alter table auth.outbox add column traceparent text;
