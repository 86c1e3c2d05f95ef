-- For the app's own database. Apply once: psql "$DATABASE_URL" -f node_modules/@portico/auth/rls.sql
-- Then: create policy own_rows on todo using (owner = auth.uid()) with check (owner = auth.uid());
-- `withClaims` of @portico/auth/postgres sets, for one transaction, what these functions read.

create schema if not exists auth;

-- The user of this transaction; null when there is none, so that a policy that compares with it matches nothing.
-- Policies run it once per statement when written as (select auth.uid()).
create or replace function auth.uid() returns uuid
  language sql stable parallel safe
  set search_path = ''
  as $$ select nullif(pg_catalog.current_setting('jwt.claims.sub', true), '')::uuid $$;

-- All claims of the access token; null when there is no user. auth.jwt() ->> 'email', auth.jwt() -> 'amr' …
create or replace function auth.jwt() returns jsonb
  language sql stable parallel safe
  set search_path = ''
  as $$ select nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb $$;

-- The organization that the user works for just now; null when there is none.
create or replace function auth.org_id() returns uuid
  language sql stable parallel safe
  set search_path = ''
  as $$ select (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'org_id')::uuid $$;

grant usage on schema auth to public;
grant execute on function auth.uid(), auth.jwt(), auth.org_id() to public;
