import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type ServiceRole, type TestDatabase } from '../support/postgres.js'
import { connect, seedProjects, type Connection } from '../support/sql.js'

// What another machine of a cluster has: the tables of projects, roles, row security and functions, and nothing of the platform. Reading a
// body shows what it names; here it is run.
let database: TestDatabase
let owner: Connection
let project: string
const [user, session, pending, instance, endpoint, hook, mail] = Array.from({ length: 7 }, () => randomUUID())
const NOW = '2026-11-30T12:00:00Z'
const json = (value: object) => `'${JSON.stringify(value)}'::jsonb`
const draft = (id: string, more: object) =>
  json({ now: NOW, id, idle_seconds: 600, absolute_seconds: 3600, max_active_sessions: 1, limit_policy: 'end_oldest', ip: '192.0.2.7',
    user_agent: 'x', amr: ['pwd'], device_print: 'p', new_device_mail: true, ...more })

/** In the order of a story; `P` is the project. Those of `within` are called by others, in their scope. */
const CALLS: [name: string, role: ServiceRole, args: string, within?: true][] = [
  ['enter_project', 'portico_data', 'P'],
  ['adopt_token_key', 'portico_data', `P, '\\x01'`],
  ['sign_up', 'portico_data', `P, ${json({ id: user, now: NOW, email: 'a@b.example', email_typed: 'a@b.example', password_hash: 'h', metadata: {} })},
    ${draft(session!, {})}, '${randomUUID()}', null`],
  ['sign_up', 'portico_data', `P, ${json({ id: randomUUID(), now: NOW, email: 'a@b.example', email_typed: 'a@b.example', metadata: {} })}, null, null, '${randomUUID()}'`],
  ['merge_app_metadata', 'portico_data', `P, '${user}', '{"plan": "pro"}', 1000`],
  ['credential_by_email', 'portico_data', `P, 'a@b.example'`],
  ['local_sign_in', 'portico_data', `P, 'a@b.example', '${user}'`, true],
  ['live_session', 'portico_data', `P, '${session}', '${NOW}', 600, '${randomUUID()}'`],
  ['current_account', 'portico_data', `P, '${session}', '${NOW}'::timestamptz + interval '2 minutes', 600`],
  ['user_details', 'portico_data', `P, '${user}'`],
  ['active_factors', 'portico_data', `P, '${user}'`, true],
  ['organization_claims', 'portico_data', `P, '${user}', '${randomUUID()}'`, true],
  ['note_active', 'portico_data', `P, '${user}', '${NOW}'`, true],
  ['signed_in_from', 'portico_data', `P, 'a@b.example', '192.0.2.7', '2026-01-01'`],
  ['rotate_session', 'portico_data', `P, '${session}', 0, '${NOW}', 10, 600, null, 'x'`],
  ['rotate_session', 'portico_data', `P, '${session}', 0, '${NOW}', 10, 600, null, 'x'`],
  ['start_session', 'portico_data', `P, '${user}', 'h', null, ${draft(randomUUID(), { mfa: 'required', pending_digest: 'ff', pending_seconds: 60 })}`],
  ['start_session', 'portico_data', `P, '${user}', 'h', 'i', ${draft(pending!, { mfa: 'off', device_print: 'q' })}`],
  ['rotate_session', 'portico_data', `P, '${pending}', 1, '${NOW}', 0, 600, null, 'x'`],
  ['rotate_session', 'portico_data', `P, '${pending}', 0, '${NOW}', 0, 600, null, 'x'`],
  ['insert_session', 'portico_data', `P, '${user}', ${draft(randomUUID(), { sso: null })}`, true],
  ['enqueue_mail', 'portico_data', `P, '${mail}', 'password_reset', '{}', '${NOW}'`],
  ['finish_mails', 'portico_worker', `P, ${json([{ id: mail, status: 'sent', provider_id: 'x', suppress: 'a@b.example' }])}, '${NOW}'`],
  ['note_delivery', 'portico_control', `P, '${mail}', 'x', 'complained', 'r', 'd', 'c@b.example', '${NOW}'`],
  ['mail_reputation', 'portico_worker', `P, '${NOW}'`],
  ['note_mail_limited', 'portico_worker', `P, '{}', '${NOW}'`],
  ['boot_instance', 'portico_control', `P, '${instance}', 'web', '{}', '${NOW}'`],
  ['heartbeat_instance', 'portico_control', `P, '${instance}', '${NOW}'`],
  ['note_hook_state', 'portico_data', `P, '${hook}', true, 'timeout', '${NOW}'`],
  ['fail_project_webhooks', 'portico_control', `P, '${endpoint}', '${NOW}'`],
  ['receive_domain', 'portico_control', `P, '${randomUUID()}', 'x.example', '${randomUUID()}', '{"type": "system"}', '${NOW}'`],
  ['erase_person', 'portico_control', `P, '${user}'`],
]
/** Called by functions of the first machine alone. */
const ONLY_THERE = ['write_webhook_message']

beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  project = (await seedProjects(owner, 1)).projectIds[0]!
  await owner.query('drop schema platform, metering, limits, bullmq cascade')
  await owner.query(
    `insert into auth.hook (project_id, hook, id, url, on_failure, enabled, secret_sealed, created_at, updated_at)
      values ($1, 'before_sign_up', $2, 'https://a.example', 'deny', true, '\\x01', now(), now())`,
    [project, hook],
  )
})
afterAll(async () => {
  await owner?.close()
  await database?.drop()
})

test('every function that travels finds all that it needs where the project lies', async () => {
  const travelling = await owner.query<{ name: string }>(
    `select proname as name from pg_proc where pronamespace = 'auth'::regnamespace and proargnames[1] = 'p_project'
      and prosrc || pg_get_function_arguments(oid) || pg_get_function_result(oid) !~ '\\m(platform|metering|limits)\\.'`,
  )
  const known = [...new Set(CALLS.map(([name]) => name)), ...ONLY_THERE]
  expect(known.toSorted()).toEqual(travelling.map(({ name }) => name).toSorted())
  const answers: string[] = []
  for (const [name, role, args, within] of CALLS) {
    const connection = await connect(database.roleUrl(role))
    try {
      if (within) await connection.query(`begin; set local portico.project_id = '${project}'`)
      const rows = await connection.query<{ a: string }>(`select f::text as a from auth.${name}(${args.replace('P', `'${project}'`)}) f`)
      if (within) await connection.query('commit')
      answers.push(`${name} ${rows[0]?.a ?? ''}`)
    } finally {
      await connection.close()
    }
  }
  const outcome = (name: string) => answers.filter((answer) => answer.startsWith(`${name} `)).map((answer) => /^\w+ \(?(\w*)/.exec(answer)![1])
  expect(outcome('sign_up')).toEqual(['created', 'taken'])
  expect(outcome('rotate_session')).toEqual(['rotated', 'replayed', 'rotated', 'reused'])
  expect(outcome('start_session')).toEqual(['mfa_enrolment_required', 'ok'])
  expect(outcome('note_hook_state')).toEqual(['true'])
  expect(answers.find((answer) => answer.startsWith('erase_person'))).toContain('"account": 1')
})
