import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { DATA_PLANE_URL, makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { signUp, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'

const BOTH = ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT']
const ONLY_FIRST = ['AUTH_JWT_SECRET']

interface Boot { id: string; env: Record<string, string>; env_version: number; reads: string[] | null }
interface Waiting { id: string; name: string | null; reads: string[] | null; has_next_secret: boolean }
interface Plan {
  state: string
  from_kid: string
  to_kid: string
  waiting_for: Waiting[]
  waiting_for_count: number
  restart_after_switch: Waiting[]
}

let plane: TestControlPlane
let second: TestControlPlane
let auth: RunningDataPlane
let id: string

beforeAll(async () => {
  plane = await startControlPlane()
  second = await startControlPlane({ beside: plane })
  auth = await startDataPlane(plane.database, { publicUrl: DATA_PLANE_URL })
})
afterAll(async () => {
  await auth?.close()
  await second?.stop()
  await plane?.stop()
})
beforeEach(async () => {
  id = await makeProject(plane, { enable: true })
})

const at = (path: string, method = 'GET', body?: unknown, by = plane) => by.call(method, `projects/${id}/${path}`, body)
const boot = async (reads?: string[], by = plane, name = 'web') =>
  (await at('instances', 'POST', { name, ...(reads && { reads }) }, by)).body.data as Boot
const beat = (instance: Boot, body?: object) => at(`instances/${instance.id}/heartbeat`, 'POST', body)
const rotate = async (body: object = {}) => (await at('auth/secret/rotate', 'POST', body)).body.data.rotation as Plan
const plan = async () => (await at('auth/secret/rotation')).body.data.rotation as Plan | null
const switchNow = async () => (await at('auth/secret/rotation/switch', 'POST')).body.data.rotation as Plan
const ids = (list: { id: string }[]) => list.map((one) => one.id).toSorted()
/** A token as a person would be given it now. */
const fresh = async () => (await signUp(`${auth.url}/${id}`)).accessToken
const kidOf = (token: string) => jwt.decode(token, { complete: true })?.header.kid
const signingKid = async () => (await at('auth')).body.data.keys.find((key: { state: string }) => key.state === 'current').kid as string
/** The two lines: one variable, no issuer, no options beyond the algorithm. */
const passes = (token: string, secret: string | undefined) => {
  try {
    return Boolean(jwt.verify(token, secret ?? '', { algorithms: ['HS256'] }))
  } catch {
    return false
  }
}
const freshOf = (kid: string) =>
  vi.waitFor(async () => {
    const token = await fresh()
    expect(kidOf(token)).toBe(kid)
    return token
  }, 10_000)

describe('a fresh boot verifies a fresh token with AUTH_JWT_SECRET alone', () => {
  test('before, during and after a staged rotation, after a cancelled and an immediate one', async () => {
    const holdsItUp = await boot(ONLY_FIRST)
    const check = async (step: string) => {
      const token = await freshOf(await signingKid())
      const { env } = await boot(BOTH)
      expect([step, passes(token, env['AUTH_JWT_SECRET'])]).toEqual([step, true])
      return { token, env }
    }
    const before = await check('before')
    await rotate()
    const during = await check('during')
    expect(during.env).toEqual(before.env)
    await at('auth/secret/rotation', 'DELETE')
    expect((await check('cancelled')).env).toEqual(before.env)
    await rotate()
    await switchNow()
    const after = await check('switched')
    expect(after.env['AUTH_JWT_SECRET']).toBe(during.env['AUTH_JWT_SECRET_NEXT'])
    expect(after.env['AUTH_JWT_SECRET_PREVIOUS']).toBe(during.env['AUTH_JWT_SECRET'])
    // Tokens from before live on: with the third variable, and at /verify.
    expect(passes(during.token, after.env['AUTH_JWT_SECRET_PREVIOUS'])).toBe(true)
    expect(passes(after.token, holdsItUp.env['AUTH_JWT_SECRET'])).toBe(false)
    expect(passes(after.token, holdsItUp.env['AUTH_JWT_SECRET_NEXT'])).toBe(true)
    await rotate({ mode: 'immediate' })
    await check('immediate')
  })

  test('boots that race the switch get the secret that signs, or stand in its plan', async () => {
    await boot(ONLY_FIRST)
    const first = await rotate()
    const boots = Array.from({ length: 30 }, (_x, i) =>
      boot(i % 3 === 0 ? BOTH : i % 3 === 1 ? ONLY_FIRST : undefined, i % 2 ? plane : second),
    )
    const [booted, done] = await Promise.all([Promise.all(boots), switchNow()])
    expect(done).toMatchObject({ state: 'done', to_kid: first.to_kid })
    const token = await freshOf(first.to_kid)
    const named = new Set(ids(done.restart_after_switch))
    for (const instance of booted) {
      const good =
        passes(token, instance.env['AUTH_JWT_SECRET']) ||
        (instance.reads?.includes('AUTH_JWT_SECRET_NEXT') && passes(token, instance.env['AUTH_JWT_SECRET_NEXT']))
      expect([instance.reads, named.has(instance.id)]).toEqual([instance.reads, !good])
    }
  })
})

describe('when it switches', () => {
  test('at once when every running instance has the next secret and reads it', async () => {
    const instances = [await boot(BOTH), await boot([...BOTH, 'AUTH_URL'])]
    expect(await rotate()).toMatchObject({ state: 'done', waiting_for: [], waiting_for_count: 0, restart_after_switch: [] })
    const token = await freshOf(await signingKid())
    for (const { env } of instances) expect(passes(token, env['AUTH_JWT_SECRET_NEXT'])).toBe(true)
    // They do not have the secret of the rotation after this one.
    const again = await rotate()
    expect(again.state).toBe('waiting')
    expect(again.waiting_for.map(({ has_next_secret: has }) => has)).toEqual([false, false])
    expect(again.restart_after_switch).toEqual([])
    const rebooted = await boot(BOTH)
    for (const { id: gone } of instances) await at(`instances/${gone}`, 'DELETE')
    expect(await plan()).toBeNull()
    expect(passes(await freshOf(await signingKid()), rebooted.env['AUTH_JWT_SECRET_NEXT'])).toBe(true)
  })

  test.each([
    ['says only the first', ONLY_FIRST],
    ['says nothing', undefined],
    ['says nothing of use', ['PORT']],
    ['says only the next', ['AUTH_JWT_SECRET_NEXT']],
  ])('an instance that %s is waited for, and named to restart right after', async (_what, reads) => {
    const both = await boot(BOTH)
    const one = await boot(reads)
    const waiting = await rotate()
    expect([waiting.state, ids(waiting.waiting_for), ids(waiting.restart_after_switch)]).toEqual(['waiting', [one.id], [one.id]])
    expect(waiting.restart_after_switch[0]).toMatchObject({ name: 'web', reads: reads ?? null, has_next_secret: true })
    expect(await signingKid()).toBe(waiting.from_kid)
    const done = await switchNow()
    expect([done.state, ids(done.restart_after_switch)]).toEqual(['done', [one.id]])
    const token = await freshOf(waiting.to_kid)
    expect(passes(token, both.env['AUTH_JWT_SECRET_NEXT'])).toBe(true)
    // Restarted right after, it goes on with its one variable.
    expect(passes(token, (await boot(reads)).env['AUTH_JWT_SECRET'])).toBe(true)
  })

  test('as soon as a heartbeat says that the last instance reads both', async () => {
    const instance = await boot()
    await rotate()
    expect((await beat(instance)).status).toBe(200)
    expect((await plan())?.state).toBe('waiting')
    expect((await beat(instance, { reads: BOTH })).body.data).toMatchObject({ id: instance.id })
    expect(await plan()).toBeNull()
    const listed = (await at('instances')).body.data as Boot[]
    expect(listed.map(({ reads }) => reads)).toEqual([BOTH])
    // A heartbeat that says nothing forgets nothing.
    await beat(instance)
    expect(((await at('instances')).body.data as Boot[])[0]?.reads).toEqual(BOTH)
  })

  test('by hand: once, with an audit row, and not when none is open', async () => {
    expect((await at('auth/secret/rotation/switch', 'POST')).body.error.code).toBe('not_found')
    await boot()
    const { to_kid: to } = await rotate()
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_x, i) => at('auth/secret/rotation/switch', 'POST', undefined, i % 2 ? plane : second)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404, 404, 404])
    expect(await signingKid()).toBe(to)
    const rows = (await at('audit-log?action=auth.key_rotated')).body.data
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ actor_type: 'api_key', metadata: { to_kid: to, by_hand: true, deadline_passed: false, to_restart: 1 } })
  })

  test('an instance that was given no secret, before auth was on or while it was off, holds nothing up', async () => {
    id = await makeProject(plane)
    const early = await boot()
    expect(early.env).toEqual({})
    await at('auth', 'POST', {})
    expect((await rotate()).state).toBe('done')
    await at('auth', 'DELETE')
    const off = await boot()
    expect(off.env).toEqual({})
    const done = await rotate()
    expect([done.state, done.restart_after_switch]).toEqual(['done', []])
  })

  test('with auth off an instance from before still counts: auth may come back', async () => {
    const instance = await boot()
    await at('auth', 'DELETE')
    expect(ids((await rotate()).waiting_for)).toEqual([instance.id])
    await at('auth', 'POST', {})
    expect(passes(await freshOf(await signingKid()), instance.env['AUTH_JWT_SECRET'])).toBe(true)
  })

  test('many instances: all are counted, a thousand are named', async () => {
    await boot()
    await withAdmin(plane.database.url, (client) =>
      client.query(
        `insert into auth.instance (project_id, id, name, metadata, env_version, kids, booted_at, last_seen_at)
           select i.project_id, gen_random_uuid(), 'web-' || n, '{}', i.env_version, i.kids, i.booted_at, i.last_seen_at
           from auth.instance i, generate_series(1, 1199) n where i.project_id = $1`,
        [id.replace('proj_', '')],
      ),
    )
    const waiting = await rotate()
    expect([waiting.waiting_for_count, waiting.waiting_for.length, waiting.restart_after_switch.length]).toEqual([1_200, 1_000, 1_000])
  })
})

test('a restart is announced when the environment changes, which is at the switch', async () => {
  const instance = await boot()
  await rotate()
  expect((await beat(instance)).body.data.current).toBe(true)
  await switchNow()
  expect((await beat(instance)).body.data.current).toBe(false)
})

test('a change to ES256 and back waits for instances that do not read where the next key comes from', async () => {
  const one = await boot(BOTH)
  await at('auth', 'PATCH', { token_algorithm: 'ES256' })
  expect(ids((await plan())?.restart_after_switch ?? [])).toEqual([one.id])
  const ready = await boot([...BOTH, 'AUTH_JWKS_URL'])
  expect(passes(await fresh(), ready.env['AUTH_JWT_SECRET'])).toBe(true)
  await at(`instances/${one.id}`, 'DELETE')
  expect(await plan()).toBeNull()
  // Readers of key sets see new keys of ES256 there.
  expect((await rotate()).waiting_for.map(({ has_next_secret: has }) => has)).toEqual([false])
  await at(`instances/${ready.id}`, 'DELETE')
  const keySet = await boot()
  expect((await rotate()).state).toBe('done')
  await at('auth', 'PATCH', { token_algorithm: 'HS256' })
  expect(ids((await plan())?.restart_after_switch ?? [])).toEqual([keySet.id])
  expect(Object.keys((await boot()).env).toSorted()).toEqual([
    'AUTH_JWKS_URL',
    'AUTH_JWT_SECRET_NEXT',
    'AUTH_JWT_SECRET_PREVIOUS',
    'AUTH_URL',
  ])
})

test.each([
  ['AUTH_JWT_SECRET'],
  [['auth']],
  [[7]],
  [[null]],
  [null],
  [['A', 'A']],
  [Array.from({ length: 21 }, (_x, i) => `V${i}`)],
  [['A B']],
  [['']],
])('reads: %j is refused', async (reads) => {
  expect((await at('instances', 'POST', { reads })).body.error.code).toBe('validation_error')
  const instance = await boot()
  expect((await beat(instance, { reads } as object)).body.error.code).toBe('validation_error')
})

describe('with time', () => {
  test('the deadline switches and names who must restart; a silent instance is not waited for', async () => {
    const own = await startControlPlane()
    try {
      const project = await makeProject(own, { enable: true })
      const ask = (method: string, path: string, body?: unknown) => own.call(method, `projects/${project}/${path}`, body)
      const silent = (await ask('POST', 'instances', { reads: ONLY_FIRST })).body.data as Boot
      const beating = (await ask('POST', 'instances', { reads: ONLY_FIRST })).body.data as Boot
      await ask('POST', 'auth/secret/rotate', { deadline_seconds: 120 })
      await own.advance(60)
      await ask('POST', `instances/${beating.id}/heartbeat`)
      expect(ids((await ask('GET', 'auth/secret/rotation')).body.data.rotation.waiting_for)).toEqual(ids([silent, beating]))
      await own.advance(31)
      expect(ids((await ask('GET', 'auth/secret/rotation')).body.data.rotation.waiting_for)).toEqual([beating.id])
      await ask('POST', `instances/${beating.id}/heartbeat`)
      await own.advance(29)
      expect((await ask('GET', 'auth/secret/rotation')).body.data.rotation).toMatchObject({
        state: 'done',
        restart_after_switch: [{ id: beating.id }],
      })
      expect((await ask('GET', 'audit-log?action=auth.key_rotated')).body.data[0].metadata).toMatchObject({
        deadline_passed: true,
        by_hand: false,
        to_restart: 1,
      })
    } finally {
      await own.stop()
    }
  })
})
