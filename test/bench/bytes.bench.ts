import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/postgres.js'
import { connect, seedProjects } from '../support/sql.js'

const PEOPLE = 50_000

/** What a person takes on the disk: the account, one live session, and the rows of its audit log, with their indexes. */
test('bytes of a person', async () => {
  const database = await createTestDatabase()
  const owner = await connect(database.url)
  const { projectIds } = await seedProjects(owner, 1)
  const [project] = projectIds
  await owner.query(
    `insert into auth.end_user (project_id, id, email, email_typed, password_hash, metadata, created_at, updated_at)
      select $1, gen_random_uuid(), 'person' || n || '@example.com', 'Person' || n || '@example.com',
        '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('a', 22) || '$' || repeat('b', 43), '{"plan":"free"}', now(), now()
      from generate_series(1, $2::integer) n`,
    [project, PEOPLE],
  )
  await owner.query(
    `insert into auth.session (project_id, id, end_user_id, created_at, last_used_at, auth_time, ip, user_agent, amr)
      select project_id, gen_random_uuid(), id, now(), now(), now(), '203.0.113.7', repeat('Mozilla/5.0 ', 9), '{pwd}' from auth.end_user`,
  )
  await owner.query(
    `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, ip, user_agent, metadata, created_at)
      select project_id, 'session.started', 'end_user', id::text, 'session', id::text, '203.0.113.7', repeat('Mozilla/5.0 ', 9),
        '{"amr":["pwd"]}', now() from auth.end_user`,
  )
  await owner.query('vacuum (analyze) auth.end_user, auth.session, auth.audit_event')
  const rows = await owner.query<{ name: string; bytes: number }>(
    `select c.relname as name, (pg_total_relation_size(c.oid) / $1)::int as bytes from pg_class c
      where c.oid = any (array['auth.end_user', 'auth.session', 'auth.audit_event']::regclass[]) order by 1`,
    [PEOPLE],
  )
  console.log(rows.map(({ name, bytes }) => `${name}: ${bytes} bytes a row, indexes included`).join('\n'))
  expect(rows).toHaveLength(3)
  await owner.close()
  await database.drop()
})
