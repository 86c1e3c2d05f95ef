-- Keys that had every scope of a tenant have every scope still.
update platform.api_key set scopes = scopes || array['owners.manage'] where scopes @> array['team.manage', 'keys:write', 'clients:forward'];
-- The console is opened as its row and the configuration say; the gate is the configuration's alone.
alter table platform.console drop column gate;
