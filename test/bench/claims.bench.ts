import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@portico/database/migrate'
import { startEmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { afterAll, expect, test } from 'vitest'
import { connect, type Connection } from '../support/sql.js'

/**
 * What it costs on one machine that claims and handing on go project by project, so that several machines can share the tables: the
 * functions of before (`BEFORE`, a commit) and of this tree in two databases of one server, call for call in turn, each rolled back.
 */
const BEFORE = process.env['BEFORE'] ?? '634af95e^'
const ROUNDS = Number(process.env['ROUNDS'] ?? 80)
/** Rolled back updates leave rows behind, on both sides alike. */
const VACUUM_EVERY = 20
const VACUUM = 'vacuum auth.outbox, auth.webhook_delivery, auth.audit_event, auth.audit_link, auth.hourly_count, auth.audit_chain'
const PROJECTS = 1_000
const WAITING = 4_000
const EVENTS = 500
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

type Side = 'before' | 'after'

interface Scene {
  name: string
  /** What waits, made anew. */
  seed: string[]
  call: (side: Side) => string
  /** What the call answers, on both sides. */
  answers: number
}

const SOME = (count: number) => `(select id, row_number() over (order by id) as place from platform.project order by id limit ${count}) p`
const emptied = ['truncate auth.outbox, auth.webhook_delivery, auth.webhook_message, auth.webhook_endpoint, auth.audit_event cascade']

const BEFORE_LIMIT: Readonly<Record<number, number>> = { 0: 200, 1: 400, 20: 210, 200: 201, [PROJECTS]: 200 }
const mails = (projects: number, answers: number): Scene => ({
  name: `claim_outbox, ${projects === 0 ? 'nothing waits' : `${WAITING} mails of ${projects} projects wait`}`,
  seed: [
    ...emptied,
    `insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at)
      select p.id, gen_random_uuid(), 'password_reset', '{}', now(), now() - interval '1 minute'
      from ${SOME(projects)}, generate_series(1, ${projects === 0 ? 0 : WAITING / projects})`,
  ],
  // Before, one project more was counted than there was, and each had a smaller share: it is asked for more, so that both take as many.
  call: (side) => `select count(*)::int as n from auth.claim_outbox(now(), ${side === 'before' ? BEFORE_LIMIT[projects] : 200}, 30)`,
  answers,
})
const endpointOf = `insert into auth.webhook_endpoint (project_id, id, url, secret_sealed, created_at, updated_at)
  select p.id, gen_random_uuid(), 'https://x.example', '', now(), now() from`
const webhooks = (projects: number, answers: number): Scene => ({
  name: `claim_webhooks, ${projects === 0 ? 'nothing waits' : `${WAITING} deliveries of ${projects} endpoints wait`}`,
  seed: [
    ...emptied,
    `${endpointOf} ${SOME(projects)}`,
    `insert into auth.webhook_message (project_id, id, type, body, created_at)
      select p.id, 'msg', 'user.signed_up', repeat('x', 500), now() from ${SOME(projects)}`,
    `insert into auth.webhook_delivery (project_id, endpoint_id, message_id, number, next_attempt_at, created_at)
      select e.project_id, e.id, 'msg', n, now() - interval '1 minute', now()
      from auth.webhook_endpoint e, generate_series(1, ${projects === 0 ? 0 : WAITING / projects}) n`,
  ],
  call: () => `select count(*)::int as n from auth.claim_webhooks(now(), 200, 10, 30, '{}')`,
  answers,
})
const events = (count: number, told: boolean): Scene => ({
  name: `hand_on_events, ${count === 0 ? 'nothing waits' : `${count} events of 20 projects wait${told ? ', each told to an endpoint' : ''}`}`,
  seed: [
    ...emptied,
    ...(told ? [`${endpointOf} ${SOME(20)}`] : []),
    `insert into auth.audit_event (project_id, action, actor_type, actor_id, resource, resource_id, metadata, created_at)
      select p.id, 'session.started', 'end_user', gen_random_uuid()::text, 'session', gen_random_uuid()::text, '{"method": "password"}', now()
      from ${SOME(20)}, generate_series(1, ${count / 20})`,
  ],
  call: () => `select auth.hand_on_events(${EVENTS}, now(), '{${told ? 'session.started' : ''}}') as n`,
  answers: count,
})

const SCENES: Scene[] = [
  mails(0, 0), mails(1, 200), mails(20, 200), mails(200, 200), mails(PROJECTS, 200),
  webhooks(0, 0), webhooks(1, 10), webhooks(20, 200), webhooks(PROJECTS, 200),
  events(0, false), events(EVENTS, false), events(EVENTS, true),
]

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

test('what claims and handing on cost, before and after', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portico-claims-'))
  await chmod(folder, 0o711)
  stops.push(() => rm(folder, { recursive: true, force: true }))
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    settings: { shared_buffers: '256MB', max_wal_size: '4GB', checkpoint_timeout: '30min', autovacuum: 'off' },
  })
  stops.push(() => server.stop())
  await mkdir(join(folder, 'before'))
  execFileSync('tar', ['-x', '-C', join(folder, 'before')], {
    input: execFileSync('git', ['archive', BEFORE, 'prisma'], { cwd: ROOT, maxBuffer: 100e6 }),
  })
  const admin = await connect(server.url)
  stops.push(() => admin.close())
  const opened = async (name: string, prismaDir: string): Promise<Connection> => {
    await admin.query(`create database ${name}`)
    const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href
    await migrate({ url, prismaDir, rolePasswords: {} })
    const owner = await connect(url)
    stops.push(() => owner.close())
    await owner.query(
      `with tenant as (insert into platform.tenant (id, name, slug, created_at, updated_at)
          values (gen_random_uuid(), 't', 't', now(), now()) returning id)
        insert into platform.project (id, tenant_id, name, slug, created_at, updated_at)
        select gen_random_uuid(), tenant.id, 'Project', n::text, now(), now() from tenant, generate_series(1, ${PROJECTS}) n`,
    )
    await owner.query(
      `insert into auth.service (project_id, enabled, first_enabled_at, created_at, updated_at)
        select id, true, now(), now(), now() from platform.project on conflict do nothing`,
    )
    // The lines of the tenants' own log from here are not what is measured.
    await owner.query(`select auth.hand_on_events(10000, now(), '{}')`)
    return owner
  }
  const sides = { before: await opened('before', join(folder, 'before/prisma')), after: await opened('after', join(ROOT, 'prisma')) }

  const once = async (side: Side, scene: Scene): Promise<number> => {
    const owner = sides[side]
    await owner.query('begin')
    const began = performance.now()
    const [row] = await owner.query<{ n: number }>(scene.call(side))
    const took = performance.now() - began
    await owner.query('rollback')
    expect(row, `${scene.name}, ${side}`).toEqual({ n: scene.answers })
    return took
  }
  const lines = ['| | before | after | after against before (median of pairs) |', '| --- | ---: | ---: | ---: |']
  for (const scene of SCENES) {
    for (const owner of Object.values(sides)) {
      for (const statement of scene.seed) await owner.query(statement)
      await owner.query('vacuum analyze')
    }
    const times = { before: [] as number[], after: [] as number[] }
    for (let round = -10; round < ROUNDS; round += 1) {
      if (round > 0 && round % VACUUM_EVERY === 0) for (const owner of Object.values(sides)) await owner.query(VACUUM)
      for (const side of round % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const)) {
        const took = await once(side, scene)
        if (round >= 0) times[side].push(took)
      }
    }
    const change = median(times.after.map((value, index) => (value / times.before[index]! - 1) * 100))
    const [before, after] = [times.before, times.after].map((each) => `${median(each).toFixed(2)} ms`)
    lines.push(`| ${scene.name} | ${before} | ${after} | ${change > 0 ? '+' : ''}${change.toFixed(0)} % |`)
  }
  console.log([`before: ${BEFORE}; ${ROUNDS} pairs each`, ...lines].join('\n'))
})
