-- For auth.backend_key: the data plane asks about one key by its digest and sees no key itself.
grant select on platform.api_key to portico_maintenance;
