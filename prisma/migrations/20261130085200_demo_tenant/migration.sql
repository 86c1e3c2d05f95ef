-- The made-up projects stand in a tenant of their own, the only one that a visitor of the demo is ever in. Named here and not by its slug:
-- a tenant that somebody gives that slug would be shown to everybody.
alter table platform.console add column demo_tenant_id uuid references platform.tenant (id);
