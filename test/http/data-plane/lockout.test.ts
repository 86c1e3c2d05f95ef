import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call, changeTestSettings, createTestProject, PASSWORD, signUp, startDataPlane, type Answer, type RunningDataPlane,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { BrowserClient } from '../../support/browser-client.js'
import { submit } from '../../support/page-forms.js'

/** Strangers who guess at an account lock nobody out of it: OWASP's device cookie, and addresses that the person has signed in from. */
let database: TestDatabase
let plane: RunningDataPlane

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
})
afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

const WRONG = 'wrong wrong wrong 1'
const HOME = '198.51.100.7'
// One wrong password fills the account's bucket, so that no case hangs on the waits between guesses.
const LIMITS = { login_account: { points: 1, window_seconds: 900 }, login_client: { points: 6, window_seconds: 900 } }

const open = async (settings: Record<string, unknown> = {}) => {
  const project = await createTestProject(database, { settings: { limits: LIMITS, ...settings } })
  return { project, base: plane.url + project.path }
}
type Sent = { ip?: string; device?: string; headers?: Record<string, string>; password?: string }
const logIn = (base: string, email: string, { ip, device, headers, password = PASSWORD }: Sent = {}): Promise<Answer> =>
  call(`${base}/login`, { ...(ip && { ip }), ...(headers && { headers }), body: { email, password, ...(device && { device_token: device }) } })
/** So many wrong passwords, from another address each time. */
const flood = async (base: string, email: string, times = 3) => {
  for (let i = 0; i < times; i += 1) await logIn(base, email, { password: WRONG })
}
const owner = async (base: string) => {
  const { email, accessToken } = await signUp(base)
  const device = (await logIn(base, email, { ip: HOME })).body.device_token as string
  return { email, accessToken, device }
}

describe('while strangers flood an account', () => {
  interface Case {
    status: number
    sent: (who: { email: string; device: string }, base: string) => Sent | Promise<Sent>
  }
  const away = '203.0.113.9'
  const CASES: Record<string, Case> = {
    'a stranger with the right password waits': { status: 429, sent: () => ({ ip: away }) },
    'the owner signs in on a known device, wherever it is': { status: 200, sent: ({ device }) => ({ ip: away, device }) },
    'the owner signs in from a known address, without a device': { status: 200, sent: () => ({ ip: HOME }) },
    'a wrong password on a known device is told as such': { status: 401, sent: ({ device }) => ({ ip: away, device, password: WRONG }) },
    'a wrong password from a known address is answered as a stranger is': { status: 429, sent: () => ({ ip: HOME, password: WRONG }) },
    'a made-up device is none': { status: 429, sent: () => ({ ip: away, device: 'A'.repeat(56) }) },
    'a device with one bit turned is none': {
      status: 429,
      sent: ({ device }) => ({ ip: away, device: (device.startsWith('A') ? 'B' : 'A') + device.slice(1) }),
    },
    'the device of another account is none': { status: 429, sent: async (_, base) => ({ ip: away, device: (await owner(base)).device }) },
    'the device of another project is none': {
      status: 429,
      sent: async ({ email }) => {
        const { base } = await open()
        await signUp(base, { email })
        return { ip: away, device: (await logIn(base, email)).body.device_token as string }
      },
    },
    'the device that stands among those of others is found': {
      status: 200,
      sent: async ({ device }, base) => ({ ip: away, device: `${(await owner(base)).device}.${device}` }),
    },
    'an endless list of devices is not read': { status: 422, sent: ({ device }) => ({ ip: away, device: Array(20).fill(device).join('.') }) },
  }

  test.each(Object.entries(CASES))('%s', async (_name, { status, sent }) => {
    const { base } = await open()
    const who = await owner(base)
    const given = await sent(who, base)
    await flood(base, who.email)
    expect((await logIn(base, who.email, given)).status).toBe(status)
  })

  test('the owner changes the password with the session that is there, and a reset would not be needed', async () => {
    const { base } = await open()
    const { email, accessToken } = await owner(base)
    await flood(base, email)
    const body = { current_password: PASSWORD, password: 'another long enough pass 2' }
    expect((await call(`${base}/password`, { token: accessToken, body })).status).toBe(200)
  })

  test('an unknown address is answered as a known one', async () => {
    const { base } = await open()
    await flood(base, 'nobody@example.com')
    expect((await logIn(base, 'nobody@example.com', { ip: HOME })).status).toBe(429)
  })

  test('the owner who signs in gives the strangers no guesses back', async () => {
    const { base } = await open()
    const { email, device } = await owner(base)
    await flood(base, email)
    for (const sent of [{ device }, { ip: HOME }]) expect((await logIn(base, email, sent)).status).toBe(200)
    expect((await logIn(base, email, { password: WRONG })).status).toBe(429)
  })
})

describe('twenty wrong passwords from one office', () => {
  const fill = async (base: string, ip: string) => {
    for (let i = 0; i < 20; i += 1) await logIn(base, `u${i}@example.com`, { ip, password: WRONG })
  }

  test('lock out neither who is known there nor a known device; who comes for the first time waits', async () => {
    const { base } = await open()
    const [here, travelling, stranger] = [await owner(base), await owner(base), await owner(base)]
    const office = '192.0.2.77'
    await logIn(base, here.email, { ip: office })
    await fill(base, office)
    expect((await logIn(base, here.email, { ip: office })).status).toBe(200)
    expect((await logIn(base, travelling.email, { ip: office, device: travelling.device })).status).toBe(200)
    expect((await logIn(base, stranger.email, { ip: office })).status).toBe(429)
  })

  test('of IPv6 the /64 is one address', async () => {
    const { base } = await open()
    const { email } = await owner(base)
    await logIn(base, email, { ip: '2001:db8:5:6::1' })
    await fill(base, '2001:db8:5:6::2')
    expect((await logIn(base, email, { ip: '2001:db8:5:6::3' })).status).toBe(200)
    await flood(base, email)
    expect((await logIn(base, email, { ip: '2001:db8:5:7::3' })).status).toBe(429)
  })

  test('a neighbour behind the address tries few passwords of few people', async () => {
    const { base } = await open({ limits: { ...LIMITS, login_client: { points: 1, window_seconds: 900 } } })
    const people: string[] = []
    for (let i = 0; i < 11; i += 1) people.push((await signUp(base)).email)
    for (const email of people) await logIn(base, email, { ip: HOME })
    await fill(base, HOME)
    expect((await logIn(base, people[10]!, { ip: HOME })).status).toBe(200)
    for (const email of people.slice(0, 10)) expect((await logIn(base, email, { ip: HOME, password: WRONG })).status).toBe(429)
    // Ten wrong ones of all of them together: then right ones are not looked at either.
    expect((await logIn(base, people[10]!, { ip: HOME })).status).toBe(429)
  })
})

describe('a stolen device token', () => {
  test('is worth as many guesses as any stranger has, however many send it at once', async () => {
    const { base } = await open({ limits: { ...LIMITS, login_client: { points: 1_000, window_seconds: 900 } } })
    const { email, device } = await owner(base)
    await flood(base, email)
    const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(base, email, { device, password: WRONG })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([401, ...Array<number>(19).fill(429)])
  })

  test('does not lock the owner out: the address still knows them', async () => {
    const { base } = await open()
    const { email, device } = await owner(base)
    await flood(base, email)
    for (let i = 0; i < 10; i += 1) await logIn(base, email, { device, password: WRONG })
    expect((await logIn(base, email, { device, ip: HOME })).status).toBe(200)
  })

  test('is nothing after a change of the password, for who had it with the old one as well', async () => {
    const { base } = await open()
    const { email, accessToken, device } = await owner(base)
    const next = 'another long enough pass 3'
    expect((await call(`${base}/password`, { token: accessToken, body: { current_password: PASSWORD, password: next } })).status).toBe(200)
    await flood(base, email)
    expect((await logIn(base, email, { device, password: next })).status).toBe(429)
  })

  test('signs nobody in and opens no session', async () => {
    const { base } = await open()
    const { device } = await owner(base)
    expect((await call(`${base}/user`, { token: device })).status).toBe(401)
    expect((await call(`${base}/refresh`, { body: { refresh_token: device } })).status).toBe(401)
  })
})

test('twenty right passwords at once on a known device are twenty sessions', async () => {
  const { base } = await open({ limits: { ...LIMITS, login_account: { points: 20, window_seconds: 900 } } })
  const { email, device } = await owner(base)
  await flood(base, email, 25)
  const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(base, email, { device })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
})

describe('how a device is told', () => {
  test('clients without cookies: in the body, once, and again when it is a month old', async () => {
    const { base } = await open()
    const { email, answer } = await signUp(base)
    const first = answer.body.device_token as string
    expect(first).toMatch(/^[\w-]{56}$/)
    expect((await logIn(base, email, { device: first })).body.device_token).toBeUndefined()
    plane.clock.advanceSeconds(31 * 86_400)
    const renewed = (await logIn(base, email, { device: first })).body.device_token as string
    expect(renewed).toMatch(/^[\w-]{56}$/)
    // The same device: what is known of its failures goes on.
    expect(renewed.slice(0, 16)).toBe(first.slice(0, 16))
  })

  test('a second account of the device joins the first, and the sixth pushes the oldest out', async () => {
    const { base } = await open({ limits: {} })
    const ip = '198.51.100.200'
    let device: string | undefined
    for (let i = 0; i < 6; i += 1) {
      const { email } = await signUp(base)
      device = (await logIn(base, email, { ip, ...(device !== undefined && { device }) })).body.device_token as string
      expect(device.split('.')).toHaveLength(Math.min(i + 1, 5))
    }
  })

  test('in cookie mode: a cookie of this project that scripts cannot read, and no field', async () => {
    const { project, base } = await open({ refresh_token_transport: 'cookie' })
    const { email } = await signUp(base)
    const answer = await logIn(base, email, { ip: HOME })
    expect(answer.body.device_token).toBeUndefined()
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('__Secure-portico-device='))!
    expect(cookie).toMatch(new RegExp(`; Path=${project.path}; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax$`))
    await flood(base, email)
    const headers = { cookie: cookie.split(';')[0]! }
    expect((await logIn(base, email, { headers })).status).toBe(200)
    await changeTestSettings(database, project, { limits: LIMITS, refresh_token_transport: 'cookie', allowed_origins: ['https://app.example'] })
    await expect
      .poll(async () => (await logIn(base, email, { ip: HOME, password: PASSWORD })).headers.getSetCookie().join())
      .toContain('SameSite=None')
  })

  test('on our own pages: the cookie of the browser', async () => {
    const { base } = await open()
    const { email } = await signUp(base)
    const browser = new BrowserClient()
    const page = await browser.open(`${base}/sign-in`)
    const done = await submit(browser, page, /sign-in/, { email, password: PASSWORD })
    expect(done.location?.pathname).toMatch(/\/account$/)
    await flood(base, email)
    const again = await browser.open(`${base}/sign-in`)
    expect((await submit(browser, again, /sign-in/, { email, password: PASSWORD })).location?.pathname).toMatch(/\/account$/)
  })
})
