import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { codeAt } from '../../support/authenticator-app.js'
import {
  call,
  createTestProject,
  mintOneTimeToken,
  openAdmin,
  PASSWORD,
  signUp,
  startDataPlane,
  type Answer,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

/** Whoever has somebody's password uses up the guesses at the second factor that strangers share, and locks its owner out with none. */
let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

const POINTS = 3
const HOME = '198.51.100.7'
const AWAY = '203.0.113.9'
const WIDE = { points: 100_000, window_seconds: 900 }
const LIMITS = {
  factor_account: { points: POINTS, window_seconds: 900 },
  ...Object.fromEntries(['login_account', 'login_client', 'factor_client', 'token_client', 'change_account'].map((name) => [name, WIDE])),
}

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await open()
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const open = (limits: object = LIMITS) =>
  createTestProject(database, { settings: { mfa: 'optional', site_url: 'https://app.example', limits } })
const logIn = async (email: string, ip: string, at = base) => (await call(`${at}/login`, { ip, body: { email, password: PASSWORD } })).body
const verify = (token: string, code: string, ip: string, at = base) => call(`${at}/mfa/verify`, { ip, body: { mfa_token: token, code } })
const codeNow = (uri: string) => codeAt(uri, plane.clock.now())
const wrongFor = (code: string) => (code === '000000' ? '000001' : '000000')
const startFactor = async (token: string, at = base) =>
  (await call(`${at}/factors`, { token, body: { type: 'totp', friendly_name: 'Phone', password: PASSWORD } })).body

/** Has signed in at home, with a session of before the ten minutes in which a factor stands for another one. */
async function owner(at = base) {
  const { email, userId } = await signUp(at)
  const { access_token: token } = await logIn(email, HOME, at)
  const { factor_id: factorId, otpauth_uri: uri } = await startFactor(token, at)
  const activated = await call(`${at}/factors/${factorId}/verify`, { token, body: { code: codeNow(uri) } })
  if (activated.status !== 200) throw new Error(activated.text)
  plane.clock.advanceSeconds(660)
  return { email, userId, token, factorId, uri: uri as string, recoveryCodes: activated.body.recovery_codes as string[] }
}
type Owner = Awaited<ReturnType<typeof owner>>

/** From another address each time, as somebody who has the password. Answers the half-finished sign-in of the thief. */
async function steal({ email, uri }: Owner): Promise<string> {
  const { mfa_token: token } = await logIn(email, AWAY)
  for (let i = 0; i < POINTS; i += 1) expect((await verify(token, wrongFor(codeNow(uri)), `192.0.2.${i + 1}`)).status).toBe(401)
  return token
}

/** How the route is asked with a code. */
type Ask = (code: string, ip: string) => Promise<Answer>
interface Route {
  /** Whether a live session comes with it: then the address does not matter. */
  session: boolean
  /** Where a recovery code is none. */
  totpOnly?: true
  good?: number
  prepare: (who: Owner) => Promise<{ ask: Ask; uri?: string }>
}
const bySession = (path: string, more: object = {}, options: { method?: string; good?: number } = {}): Route => ({
  session: true,
  ...(options.good && { good: options.good }),
  prepare: async ({ token, factorId }) => {
    const url = base + path.replace('{factor}', factorId)
    return { ask: (code, ip) => call(url, { token, ip, body: { ...more, code }, ...(options.method && { method: options.method }) }) }
  },
})
const mailed = (purpose: 'email_confirm' | 'email_change', session: boolean): Route => ({
  session,
  prepare: async ({ email, userId, token: access }) => {
    const payload = { email, ...(purpose === 'email_change' && { new_address: `new.${email}` }) }
    const token = await mintOneTimeToken(admin, project, { userId, purpose, payload, now: plane.clock.now() })
    const shown = session ? { token: access } : {}
    return {
      ask: (code, ip) =>
        call(`${base}/email/confirm`, { ip, ...shown, body: { token, factor_code: code, ...(!session && { password: PASSWORD }) } }),
    }
  },
})

const ROUTES: Record<string, Route> = {
  'post /mfa/verify': {
    session: false,
    prepare: async ({ email }) => {
      const { mfa_token: token } = await logIn(email, HOME)
      return { ask: (code, ip) => verify(token, code, ip) }
    },
  },
  'post /mfa/challenge': bySession('/mfa/challenge'),
  'post /factors': bySession('/factors', { type: 'totp', friendly_name: 'Second' }, { good: 201 }),
  'post /factors/{id}/verify': {
    session: true,
    totpOnly: true,
    prepare: async ({ token, uri }) => {
      const { body } = await call(`${base}/factors`, { token, body: { type: 'totp', friendly_name: 'Second', code: codeNow(uri) } })
      return { uri: body.otpauth_uri, ask: (code, ip) => call(`${base}/factors/${body.factor_id}/verify`, { token, ip, body: { code } }) }
    },
  },
  'delete /factors/{id}': bySession('/factors/{factor}', {}, { method: 'DELETE' }),
  'post /factors/recovery-codes': bySession('/factors/recovery-codes'),
  'post /webauthn/register/options': bySession('/webauthn/register/options'),
  // There is no such passkey, which is found out behind the factor.
  'delete /webauthn/credentials/{id}': bySession(`/webauthn/credentials/${randomUUID()}`, {}, { method: 'DELETE', good: 404 }),
  'post /email/confirm': mailed('email_confirm', false),
  'post /email/confirm (signed in)': mailed('email_confirm', true),
  'post /email/confirm (change of address)': mailed('email_change', false),
  'post /email/confirm (change of address, signed in)': mailed('email_change', true),
  'post /mail/{purpose}': {
    session: false,
    prepare: async ({ email, userId }) => {
      const payload = { email, new_address: `new.${email}` }
      const token = await mintOneTimeToken(admin, project, { userId, purpose: 'email_change', payload, now: plane.clock.now() })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      return {
        ask: (code, ip) => {
          const form = new URLSearchParams({ token, password: PASSWORD, factor_code: code })
          return call(`${base}/mail/email_change`, { ip, headers, body: String(form) })
        },
      }
    },
  },
}

interface Schema {
  $ref?: string
  properties?: Record<string, { $ref?: string }>
}

// The account page is for who is signed in, and its forms are those of the JSON routes.
const ON_THE_ACCOUNT_PAGE = ['post /account', 'post /account/passkey-options']

test('every route that takes the code of a second factor is tried here', () => {
  const { paths, components } = parse(readFileSync(new URL('../../../openapi/data-plane.yaml', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, { requestBody?: { content?: Record<string, { schema?: Schema }> } }>>
    components: { schemas: Record<string, Schema> }
  }
  const fieldsOf = (schema: Schema | undefined) =>
    (schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1)!])?.properties ?? {}
  const takesFactor = (schema: Schema | undefined) =>
    'factor_code' in fieldsOf(schema) || fieldsOf(schema)['code']?.$ref?.endsWith('/FactorCode') === true
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).some(({ schema }) => takesFactor(schema)) ? [`${method} ${path}`] : [],
    ),
  )
  const tried = Object.keys(ROUTES).map((name) => name.replace(/ \(.*/, ''))
  expect(found.toSorted()).toEqual([...new Set([...tried, ...ON_THE_ACCOUNT_PAGE])].toSorted())
})

const CASES = Object.entries(ROUTES).flatMap(([name, route]) =>
  (['totp', 'recovery code'] as const).filter((kind) => kind === 'totp' || !route.totpOnly).map((kind) => ({ name, kind, route })),
)
test.each(CASES)('$name, $kind: the owner gets through while a thief guesses, and the thief does not', async ({ route, kind }) => {
  const who = await owner()
  const { ask, uri = who.uri } = await route.prepare(who)
  const right = () => (kind === 'totp' ? codeNow(uri) : who.recoveryCodes[0]!)
  const stolen = await steal(who)
  // The half-finished sign-in has made no address known: neither where it began nor anywhere else.
  for (const ip of [AWAY, '192.0.2.1']) expect((await verify(stolen, codeNow(who.uri), ip)).status).toBe(429)
  if (!route.session) expect((await ask(right(), AWAY)).status).toBe(429)
  // A step of the clock in which no code was spent yet.
  plane.clock.advanceSeconds(30)
  const answer = await ask(right(), route.session ? AWAY : HOME)
  expect(answer.status, answer.text).toBe(route.good ?? 200)
})

describe('what is left to whom', () => {
  test('who is known has few guesses, too, each place its own', async () => {
    const who = await owner()
    const token = await steal(who)
    const { mfa_token: own } = await logIn(who.email, HOME)
    for (let i = 0; i < POINTS; i += 1) expect((await verify(own, wrongFor(codeNow(who.uri)), HOME)).status).toBe(401)
    const full = await verify(own, codeNow(who.uri), HOME)
    expect([full.status, Number(full.headers.get('retry-after')) > 0]).toEqual([429, true])
    const raised = await call(`${base}/mfa/challenge`, { token: who.token, ip: HOME, body: { code: codeNow(who.uri) } })
    expect(raised.status, raised.text).toBe(200)
    expect((await verify(token, codeNow(who.uri), AWAY)).status).toBe(429)
  })

  test('the owner who gets in gives strangers no guesses back, and has all of their own again', async () => {
    const who = await owner()
    const token = await steal(who)
    for (let round = 0; round < 2; round += 1) {
      const { mfa_token: own } = await logIn(who.email, HOME)
      for (let i = 1; i < POINTS; i += 1) expect((await verify(own, wrongFor(codeNow(who.uri)), HOME)).status).toBe(401)
      plane.clock.advanceSeconds(30)
      expect((await verify(own, codeNow(who.uri), HOME)).status).toBe(200)
    }
    plane.clock.advanceSeconds(30)
    expect((await verify(token, codeNow(who.uri), AWAY)).status).toBe(429)
  })

  test('a session or an address of somebody else is none', async () => {
    const who = await owner()
    const elsewhere = '198.51.100.99'
    const other = await signUp(base)
    const { access_token: foreign } = await logIn(other.email, elsewhere)
    await steal(who)
    const { ask } = await mailed('email_confirm', false).prepare(who)
    expect((await ask(codeNow(who.uri), elsewhere)).status).toBe(429)
    const { ask: signedIn } = await mailed('email_confirm', true).prepare({ ...who, token: foreign })
    expect((await signedIn(codeNow(who.uri), AWAY)).status).toBe(429)
  })

  test('of IPv6 the /64 is one address, with one set of guesses', async () => {
    const who = await owner()
    const { mfa_token: first } = await logIn(who.email, '2001:db8:5:6::1')
    plane.clock.advanceSeconds(30)
    expect((await verify(first, codeNow(who.uri), '2001:db8:5:6::1')).status).toBe(200)
    await steal(who)
    const { mfa_token: own } = await logIn(who.email, '2001:db8:5:6::2')
    for (let i = 0; i < POINTS; i += 1) expect((await verify(own, wrongFor(codeNow(who.uri)), `2001:db8:5:6::${i + 3}`)).status).toBe(401)
    plane.clock.advanceSeconds(30)
    expect((await verify(own, codeNow(who.uri), '2001:db8:5:6::9')).status).toBe(429)
  })
})

describe('however many addresses a thief has', () => {
  const TWENTY = Array.from({ length: 20 }, (_, i) => `192.0.2.${i + 100}`)
  const guessed = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 429).length

  test('twenty at once have the guesses of one', async () => {
    const who = await owner()
    const { mfa_token: token } = await logIn(who.email, AWAY)
    const wrong = wrongFor(codeNow(who.uri))
    expect(guessed(await Promise.all(TWENTY.flatMap((ip) => [verify(token, wrong, ip), verify(token, wrong, ip)])))).toBe(POINTS)
  })

  test('a day has an end, of strangers and of whoever has got hold of many sessions', async () => {
    const own = plane.url + (await open({ ...LIMITS, factor_account: WIDE })).path
    const { email } = await signUp(own)
    // Sessions of before the factor: the most that somebody with the password alone can have.
    const sessions: string[] = []
    for (const ip of TWENTY) sessions.push((await logIn(email, ip, own)).access_token)
    const { factor_id: id, otpauth_uri: uri } = await startFactor(sessions[0]!, own)
    expect((await call(`${own}/factors/${id}/verify`, { token: sessions[0]!, body: { code: codeNow(uri) } })).status).toBe(200)
    const { mfa_token: token } = await logIn(email, AWAY, own)
    const wrong = wrongFor(codeNow(uri))
    const strangers: Answer[] = []
    const elsewhere = TWENTY.map((_, i) => `203.0.113.${i + 20}`)
    for (let i = 0; i < 6; i += 1) strangers.push(...(await Promise.all(elsewhere.map((ip) => verify(token, wrong, ip, own)))))
    expect(guessed(strangers)).toBe(100)
    const known: Answer[] = []
    const challenge = (session: string) => call(`${own}/mfa/challenge`, { token: session, body: { code: wrong } })
    for (let i = 0; i < 16; i += 1) known.push(...(await Promise.all(sessions.map(challenge))))
    expect(guessed(known)).toBe(300)
  })
})

test('an address without an account has as many guesses as one with, its own', async () => {
  const who = await owner()
  const ask = async (email: string) =>
    (await call(`${base}/email/confirm`, { body: { email, code: '123456', factor_code: wrongFor(codeNow(who.uri)) } })).status
  for (const email of [who.email, 'nobody@example.com', 'nobody.else@example.com']) {
    const answers: number[] = []
    for (let i = 0; i <= POINTS; i += 1) answers.push(await ask(email))
    expect([email, answers]).toEqual([email, [...Array.from({ length: POINTS }, () => 401), 429]])
  }
})

test('while the counters are away nobody guesses, known or not', async () => {
  const who = await owner()
  const deaf = await startDataPlane(database, { redisUrl: 'redis://127.0.0.1:1', clock: plane.clock })
  const at = deaf.url + project.path
  try {
    const { mfa_token: token } = await logIn(who.email, HOME)
    for (const answer of [
      await verify(token, codeNow(who.uri), HOME, at),
      await call(`${at}/mfa/challenge`, { token: who.token, ip: HOME, body: { code: codeNow(who.uri) } }),
    ])
      expect([answer.status, answer.body.error.code]).toEqual([503, 'unavailable'])
  } finally {
    await deaf.close()
  }
})
