import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, type Answer, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { connect, type Connection } from '../../support/sql.js'

/** One list of stolen passwords tried at many apps: sources that fail over many projects wait at each of them, and nobody else does. */
let database: TestDatabase
let plane: RunningDataPlane
let owner: Connection
/** At which a source fails before a case begins. */
let projects: string[]

beforeAll(async () => {
  database = await createTestDatabase()
  owner = await connect(database.url)
  plane = await startDataPlane(database)
  projects = []
  for (let i = 0; i < 45; i += 1) projects.push(plane.url + (await createTestProject(database)).path)
}, 60_000)
afterAll(async () => {
  await plane?.close()
  await owner?.close()
  await database?.drop()
})

const WRONG = 'wrong wrong wrong 1'
type Sent = { ip: string; device?: string; password?: string }
const logIn = (base: string, email: string, { ip, device, password = PASSWORD }: Sent): Promise<Answer> =>
  call(`${base}/login`, { ip, body: { email, password, ...(device && { device_token: device }) } })
let last = 0
/** A source on the Internet that nobody else of this file has. */
const source = () => `8.8.${(last += 1)}.8`
/** Fails at so many projects, once each. */
const stuff = async (ip: string, count = projects.length) => {
  await Promise.all(projects.slice(0, count).map((base) => logIn(base, 'nobody@example.com', { ip, password: WRONG })))
}
const fresh = async () => {
  const project = await createTestProject(database)
  const base = plane.url + project.path
  const { email } = await signUp(base)
  return { project, base, email }
}

describe('a source that fails over many projects', () => {
  test('waits for an account that it comes to for the first time, at a project where it has never been; the answer and the log say why', async () => {
    const ip = source()
    await stuff(ip)
    const { project, base, email } = await fresh()
    const { email: other } = await signUp(base)
    const refused = await logIn(base, email, { ip })
    expect(refused.status).toBe(429)
    expect(refused.body.error).toMatchObject({ code: 'rate_limited', details: [{ code: 'suspected_source' }] })
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThanOrEqual(5)
    // No name or number of another project, and nothing of how many.
    expect(refused.text).not.toMatch(/proj_|\d+ (?:apps|projects)/)
    // Whoever asks again sooner waits no longer for it, and another account has a wait of its own.
    expect(Number((await logIn(base, email, { ip })).headers.get('retry-after'))).toBeLessThanOrEqual(wait)
    expect((await logIn(base, other, { ip })).status).toBe(429)
    const rows = await owner.query<{ reason: string }>(`select metadata->>'reason' as reason from auth.audit_event
      where project_id = $1 and action = 'sign_in.refused'`, [project.id])
    expect(rows.map(({ reason }) => reason)).toEqual(['suspected_source', 'suspected_source', 'suspected_source'])
    // Another source is not touched.
    expect((await logIn(base, email, { ip: source() })).status).toBe(200)
  })

  test('one stranger behind the address of an office: devices and people who are known there go on as ever, newcomers wait seconds', async () => {
    const office = source()
    const { base, email } = await fresh()
    const { email: colleague } = await signUp(base)
    const { email: newcomer } = await signUp(base)
    const device = (await logIn(base, email, { ip: '9.9.9.9' })).body.device_token as string
    expect((await logIn(base, colleague, { ip: office })).status).toBe(200)
    await stuff(office)
    expect((await logIn(base, email, { ip: office, device })).status).toBe(200)
    expect((await logIn(base, colleague, { ip: office })).status).toBe(200)
    expect((await logIn(base, newcomer, { ip: office })).status).toBe(429)
    // The stranger goes on, at the newcomer's account too: it makes nobody's wait longer.
    for (let i = 0; i < 5; i += 1) await logIn(base, newcomer, { ip: office, password: WRONG })
    // As if the seconds had passed.
    await owner.query(`update limits.rate_limit set expire = expire - 60000 where key like '%:suspected_wait:%'`)
    expect((await logIn(base, newcomer, { ip: office })).status).toBe(200)
  })

  test.each([
    ['few projects', () => source(), 8],
    ['an inner address, which may be everybody’s', () => '10.9.8.7', 45],
  ])('%s: nobody waits', async (_what, of, count) => {
    const ip = of()
    await stuff(ip, count)
    const { base, email } = await fresh()
    expect((await logIn(base, email, { ip })).status).toBe(200)
  })

  test('people of a known device who mistype count for nothing', async () => {
    const ip = source()
    const { base, email } = await fresh()
    const device = (await logIn(base, email, { ip: '9.9.9.8' })).body.device_token as string
    await stuff(ip, 14)
    await logIn(base, email, { ip, device, password: WRONG })
    const rows = await owner.query<{ points: number }>(`select points from limits.rate_limit where key like '{installation}:failed_at:%' and points > 0`)
    expect(rows.length).toBeGreaterThan(0)
    expect((await logIn(base, email, { ip })).status).toBe(200)
  })

  test('a project that asks for a captcha has asked already', async () => {
    const ip = source()
    await stuff(ip)
    const { base } = await fresh()
    const project = await createTestProject(database, { settings: { captcha: { provider: 'turnstile', site_key: 'site' } } })
    expect((await logIn(plane.url + project.path, 'a@example.com', { ip })).body.error.code).toBe('captcha_failed')
    expect((await logIn(base, 'a@example.com', { ip })).status).toBe(429)
  })

  test('costs one statement for the first failure at a project and none for a right password or a second failure', async () => {
    const count = async () => Number((await owner.query<{ n: string }>(`select count(*) as n from limits.rate_limit where key like '{installation}:%'`))[0]!.n)
    const ip = source()
    const { base, email } = await fresh()
    const before = await count()
    expect((await logIn(base, email, { ip })).status).toBe(200)
    expect(await count()).toBe(before)
    await logIn(base, 'nobody@example.com', { ip, password: WRONG })
    expect(await count()).toBe(before + 1)
    await owner.query(`delete from limits.rate_limit where key like '{installation}:%'`)
    await logIn(base, 'somebody@example.com', { ip, password: WRONG })
    expect(await count()).toBe(0)
  })
})

describe('on another day', () => {
  test('everything is forgotten, and the same source is another one', async () => {
    const clock = new MovableClock()
    const later = await startDataPlane(database, { clock })
    const bases = projects.map((base) => base.replace(plane.url, later.url))
    const ip = source()
    const { project, email } = await fresh()
    const base = later.url + project.path
    await Promise.all(bases.map((each) => logIn(each, 'nobody@example.com', { ip, password: WRONG })))
    expect((await logIn(base, email, { ip })).status).toBe(429)
    clock.advanceSeconds(86_400)
    expect((await logIn(base, email, { ip })).status).toBe(200)
    await later.close()
  })
})
