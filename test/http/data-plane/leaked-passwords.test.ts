import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseId } from '@portico/kernel/ids'
import type { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { call, mintOneTimeToken, openAdmin, signUp, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { formOf, submit } from '../../support/page-forms.js'

/** Every place where a password is set asks the list, and a list that is away keeps nobody waiting. */
let control: TestControlPlane
let plane: RunningDataPlane
let admin: Client
let list: Server
let listUrl: string
const asked: { path: string; padding: string | undefined }[] = []
const lines: string[] = []

const GOOD = 'walnut bread tuesday 4'
const LEAKED = 'saddle brass lantern 9'
const digestOf = (password: string) => createHash('sha1').update(password.normalize('NFKC')).digest('hex').toUpperCase()

/** What the list answers; a test may change it. */
const entries = (path: string): { status?: number; body: string } | 'hang' => {
  const known = [LEAKED, 'ｓaddle brass lantern 9x'.normalize('NFKC')].map(digestOf).filter((digest) => path.endsWith(`/${digest.slice(0, 5)}`))
  const padding = Array.from({ length: 20 }, (_, i) => `${createHash('sha1').update(`${path}${i}`).digest('hex').slice(0, 35).toUpperCase()}:0`)
  return { body: [...padding, ...known.map((digest) => `${digest.slice(5)}:42`)].join('\r\n') }
}
let answer = entries

beforeAll(async () => {
  list = createServer((request, response) => {
    asked.push({ path: request.url!, padding: request.headers['add-padding'] as string | undefined })
    const said = answer(request.url!)
    if (said !== 'hang') response.writeHead(said.status ?? 200, { 'content-type': 'text/plain' }).end(said.body)
  })
  await new Promise<void>((done) => list.listen(0, '127.0.0.1', done))
  listUrl = `http://127.0.0.1:${(list.address() as AddressInfo).port}/range`
  control = await startControlPlane()
  plane = await startDataPlane(control.database, { logTo: (line) => lines.push(line) })
  admin = await openAdmin(control.database)
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await control?.stop()
  list?.closeAllConnections()
  await new Promise((done) => list?.close(done))
})
beforeEach(() => {
  asked.length = 0
  answer = entries
})

const open = async (settings: Record<string, unknown> = { leaked_password_url: listUrl }) => {
  const id = await makeProject(control, { enable: settings })
  return { id, base: `${plane.url}/${id}`, path: `projects/${id}` }
}
type Open = Awaited<ReturnType<typeof open>>
const mint = (project: Open, userId: string, email: string, purpose: string) =>
  mintOneTimeToken(admin, { id: parseId('proj', project.id)! } as never, { userId, purpose, payload: { email }, now: plane.clock.now() })

interface Said {
  status: number
  text: string
}
let people = 0
const unique = () => `p${(people += 1)}@example.com`

/** Sets a password in one way, for an account that has another one. */
const WAYS: Record<string, (project: Open, password: string) => Promise<Said>> = {
  'sign-up': ({ base }, password) => call(`${base}/signup`, { body: { email: unique(), password } }),
  'sign-up on our page': async ({ base }, password) => {
    const browser = new BrowserClient()
    return submit(browser, await browser.open(`${base}/sign-up`), /sign-up/, { email: unique(), password })
  },
  'a change': async ({ base }, password) => {
    const user = await signUp(base, { password: GOOD })
    return call(`${base}/password`, { token: user.accessToken, body: { current_password: GOOD, password } })
  },
  'a change on the account page': async ({ base }, password) => {
    const { email } = await signUp(base, { password: GOOD })
    const browser = new BrowserClient()
    await submit(browser, await browser.open(`${base}/sign-in`), /sign-in/, { email, password: GOOD })
    const page = await browser.open(`${base}/account`)
    const form = { form_token: formOf(page.text, /account/).fields['form_token']!, intent: 'password', current_password: GOOD, password }
    return browser.open(`${base}/account`, { form })
  },
  'a reset': async (project, password) => {
    const user = await signUp(project.base, { password: GOOD })
    const token = await mint(project, user.userId, user.email, 'password_reset')
    return call(`${project.base}/password-reset/confirm`, { body: { token, password } })
  },
  'a reset on our page': async (project, password) => {
    const user = await signUp(project.base, { password: GOOD })
    const token = await mint(project, user.userId, user.email, 'password_reset')
    const browser = new BrowserClient()
    return submit(browser, await browser.open(`${project.base}/mail/password_reset?token=${token}`), /password_reset/, { password })
  },
  'an invitation': async (project, password) => {
    const user = await signUp(project.base, { password: GOOD })
    const token = await mint(project, user.userId, user.email, 'invitation')
    return call(`${project.base}/invitation/accept`, { body: { token, password } })
  },
  'an operator who makes somebody': ({ path }, password) => control.call('POST', `${path}/users`, { email: unique(), password }),
  'an operator who sets one': async ({ base, path }, password) => {
    const { userId } = await signUp(base, { password: GOOD })
    return control.call('PATCH', `${path}/users/${userId}`, { password })
  },
}

describe.each(Object.entries(WAYS))('%s', (_name, set) => {
  test('refuses what has leaked, and takes what has not', async () => {
    const project = await open()
    const refused = await set(project, LEAKED)
    expect([refused.status, /leaked|data breach/.test(refused.text)]).toEqual([422, true])
    const taken = await set(project, 'another brass lantern 9')
    expect(taken.status).toBeLessThan(400)
  })
})

test('whatever stores a password is on that list: each use case that hashes a new one asks the one place', () => {
  const root = new URL('../../../libs/end-user/', import.meta.url)
  const all = readdirSync(root, { recursive: true }) as string[]
  const files = all.filter((file) => file.endsWith('.ts') && !/(^|\/)(dist|node_modules)\//.test(file))
  const text = (file: string) => readFileSync(new URL(file, root), 'utf8')
  const setters = /\b(setPasswordByReset|replacePassword|signUpEndUser|insertEndUser|saveEndUser)\(/
  const setting = files.filter((file) => setters.test(text(file)))
  const asking = setting.filter((file) => /heckNewPassword\.execute\(/.test(text(file)))
  // Those that store none: the stores themselves, and accounts that are made without a password.
  const others = setting.filter((file) => !asking.includes(file) && !file.startsWith('records/'))
  for (const file of others) expect([file, /hasher\.hash\(|verifyThenHash\(/.test(text(file))]).toEqual([file, false])
  expect(asking.length).toBe(6)
})

describe('the list', () => {
  test('is told five digits, asked once for a range, and answers padding that is no leak', async () => {
    const { base } = await open()
    const rate = (password: string) => call(`${base}/password/check`, { body: { password } })
    // Past whatever was kept.
    plane.clock.advanceSeconds(3_700)
    const answers = await Promise.all(Array.from({ length: 20 }, () => rate(LEAKED)))
    expect(new Set(answers.map(({ body }) => body.problem?.code))).toEqual(new Set(['leaked']))
    expect(asked).toEqual([{ path: `/range/${digestOf(LEAKED).slice(0, 5)}`, padding: 'true' }])
    plane.clock.advanceSeconds(3_700)
    await rate(LEAKED)
    expect(asked).toHaveLength(2)
  })

  test('is looked up in the one form of a password', async () => {
    const { base } = await open()
    const { body } = await call(`${base}/password/check`, { body: { password: 'ｓaddle brass lantern 9x' } })
    expect(body.problem?.code).toBe('leaked')
  })

  const AWAY: Record<string, () => ReturnType<typeof entries>> = {
    'does not answer': () => 'hang',
    'answers an error': () => ({ status: 503, body: 'busy' }),
    'answers a page': () => ({ body: '<html>portal</html>' }),
    'answers too much': () => ({ body: 'A'.repeat(300_000) }),
    'redirects': () => ({ status: 302, body: '' }),
  }
  test.each(Object.entries(AWAY))('that %s refuses nobody', async (name, said) => {
    const { base } = await open({ leaked_password_url: `${listUrl}/${encodeURIComponent(name)}` })
    answer = said
    expect((await call(`${base}/signup`, { body: { email: unique(), password: LEAKED } })).status).toBe(201)
    // And is asked again: no answer is not remembered as «not leaked».
    answer = entries
    expect((await call(`${base}/signup`, { body: { email: unique(), password: LEAKED } })).status).toBe(422)
  })

  test('is not asked where none is set, nor for what the shipped list or the policy refuses', async () => {
    const off = await open({})
    expect((await call(`${off.base}/signup`, { body: { email: unique(), password: LEAKED } })).status).toBe(201)
    const on = await open()
    for (const password of ['password1', 'short'])
      expect((await call(`${on.base}/signup`, { body: { email: unique(), password } })).status).toBe(422)
    expect(asked).toEqual([])
  })

  test.each(['http://list.example/range', 'https://u:p@list.example', 'https://list.example/?q=1', 'ftp://list.example', 7])('%s is no URL of one', async (url) => {
    const { path } = await open({})
    expect((await control.call('PATCH', `${path}/auth`, { leaked_password_url: url })).status).toBe(422)
  })

  test('inside our network is never called', async () => {
    const { base } = await open({ leaked_password_url: 'https://192.168.1.1/range' })
    expect((await call(`${base}/signup`, { body: { email: unique(), password: LEAKED } })).status).toBe(201)
    expect(asked).toEqual([])
  })
})

describe('POST /password/check', () => {
  test('rates, says what is wrong, and knows whose it is', async () => {
    const { base } = await open({})
    const rate = async (body: Record<string, unknown>) => (await call(`${base}/password/check`, { body })).body
    expect(await rate({ password: 'password' })).toMatchObject({ score: 0, acceptable: false, problem: { code: 'too_common' } })
    expect(await rate({ password: 'qwertyuiop12' })).toMatchObject({ score: expect.toSatisfy((score: number) => score <= 1) })
    const strong = { score: 4, acceptable: true, problem: null, warning: null, suggestions: [] }
    expect(await rate({ password: 'copper walnut 41 hinge meadow' })).toEqual(strong)
    const own = { password: 'marguerite.dupont', email: 'marguerite.dupont@example.com' }
    expect(await rate(own)).toMatchObject({ score: 0, acceptable: false, problem: { code: 'contains_email' }, warning: 'user_inputs' })
    // What people know the app as, not what its operators call the project.
    const branded = await open({ branding: { name: 'Zorvexquilmatic' } })
    const { body: named } = await call(`${branded.base}/password/check`, { body: { password: 'zorvexquilmatic' } })
    expect(named).toMatchObject({ score: 0, warning: 'user_inputs' })
    expect(await rate({ password: '' })).toMatchObject({ score: 0, acceptable: false, problem: { code: 'too_short' } })
    expect(await rate({ password: 'a1B!'.repeat(200) })).toMatchObject({ acceptable: false, problem: { code: 'too_long' } })
  })

  test('stores and logs nothing of it, and is limited', async () => {
    const { base } = await open({ limits: { password_check_client: { points: 3, window_seconds: 60 } } })
    const secret = 'Zx-secret-of-a-form-77'
    const ip = '203.0.113.77'
    const statuses = []
    for (let i = 0; i < 4; i += 1)
      statuses.push((await call(`${base}/password/check`, { ip, body: { password: secret } })).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    expect(lines.length).toBeGreaterThan(0)
    const told = [secret, LEAKED, digestOf(LEAKED).slice(0, 5)]
    expect(lines.filter((line) => told.some((text) => line.includes(text)))).toEqual([])
  })

  test('is for projects that have passwords', async () => {
    const { base } = await open({ providers: ['email_otp'] })
    expect((await call(`${base}/password/check`, { body: { password: GOOD } })).status).toBe(403)
    expect((await call(`${base}/password/check`, { body: { password: 'x'.repeat(1_025) } })).status).toBe(422)
  })
})
