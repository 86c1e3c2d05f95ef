import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MovableClock } from '@portico/kernel/clock'
import { BrowserClient } from '../../support/browser-client.js'
import { call, type Answer } from '../../support/data-plane.js'
import { APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const NEXT_PASSWORD = 'the next horse battery 5!'
const clock = new MovableClock()
let fixture: SignInFixture
let project: Awaited<ReturnType<SignInFixture['project']>>
let base: string

beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
  project = await fixture.project(['email', 'magic_link'])
  base = project.base
})
afterAll(() => fixture?.close())

const signUp = async () => {
  const email = unique('twice')
  const { body } = await call(`${base}/signup`, { body: { email, password: PASSWORD } })
  return { email, userId: body.user_id as string, token: body.access_token as string }
}
type Person = Awaited<ReturnType<typeof signUp>>
const tokenTo = async (email: string, subject: RegExp) => (await fixture.mailedLink(email, subject)).searchParams.get('token')!
const codeTo = async (email: string) => {
  const mail = await fixture.resend.waitForMail((each) => each.to.includes(email) && /Confirm/.test(each.subject))
  return /^ {4}(\d{6})$/m.exec(mail.text)![1]!
}
const page = (purpose: string, form: Record<string, string>) => new BrowserClient().open(`${base}/mail/${purpose}`, { form })
const logIn = async (email: string, password: string) => (await call(`${base}/login`, { body: { email, password } })).status
/** What must not happen a second time. */
const traces = async ({ userId }: Person) => ({
  audit: await fixture.owner.query('select action from auth.audit_event where resource_id = $1 and action <> $2 order by created_at, action', [
    userId,
    'sign_in.refused',
  ]),
  mails: await fixture.owner.query(`select kind from auth.outbox where payload->>'end_user_id' = $1 order by created_at, kind`, [userId]),
  user: await fixture.owner.query('select email, password_hash, email_verified_at, updated_at from auth.end_user where id = $1', [userId]),
  sessions: await fixture.owner
    .query('select id from auth.session where end_user_id = $1 and ended_at is null order by id', [userId])
    .catch(() => []),
})
const operator = (person: Person, what: string) => fixture.control.call('POST', `projects/${project.id}/users/${person.userId}/${what}`, {})

interface Press {
  ready: () => Promise<Person & { press: () => Promise<{ status: number; same: unknown }> }>
  /** Meanwhile changes after which the link of the first press is not this account's any more. */
  endedBy: readonly string[]
}
const json = (answer: Answer) => ({ status: answer.status, same: answer.body })
const html = (answer: { status: number; text: string }) => ({ status: answer.status, same: answer.text.replaceAll(/nonce="[^"]+"/g, '') })

const PRESSES: Record<string, Press> = {
  'confirming an address by link': {
    ready: async () => {
      const person = await signUp()
      const token = await tokenTo(person.email, /Confirm/)
      return { ...person, press: async () => json(await call(`${base}/email/confirm`, { body: { token } })) }
    },
    endedBy: ['disabled', 'address changed'],
  },
  'confirming an address by code': {
    ready: async () => {
      const person = await signUp()
      const code = await codeTo(person.email)
      return {
        ...person,
        press: async () => json(await call(`${base}/email/confirm`, { body: { email: person.email, code, password: PASSWORD } })),
      }
    },
    endedBy: ['disabled', 'address changed'],
  },
  'confirming an address by code alone': {
    ready: async () => {
      const person = await signUp()
      const code = await codeTo(person.email)
      return { ...person, press: async () => json(await call(`${base}/email/confirm`, { body: { email: person.email, code } })) }
    },
    endedBy: ['disabled', 'address changed'],
  },
  'confirming an address on our page': {
    ready: async () => {
      const person = await signUp()
      const token = await tokenTo(person.email, /Confirm/)
      return { ...person, press: async () => html(await page('email_confirm', { token, password: PASSWORD })) }
    },
    endedBy: ['disabled', 'address changed'],
  },
  'confirming a change of address': {
    ready: async () => {
      const person = await signUp()
      const email = unique('moved')
      await call(`${base}/email/change`, { token: person.token, body: { email, password: PASSWORD } })
      const token = await tokenTo(email, /./)
      return { ...person, press: async () => json(await call(`${base}/email/confirm`, { body: { token, password: PASSWORD } })) }
    },
    endedBy: ['disabled', 'address changed'],
  },
  'a reset': {
    ready: async () => {
      const person = await signUp()
      await call(`${base}/password-reset`, { body: { email: person.email } })
      const token = await tokenTo(person.email, /[Pp]assword/)
      return {
        ...person,
        press: async () => json(await call(`${base}/password-reset/confirm`, { body: { token, password: NEXT_PASSWORD } })),
      }
    },
    endedBy: ['disabled', 'address changed', 'password changed', 'evicted'],
  },
  'a reset on our page': {
    ready: async () => {
      const person = await signUp()
      await call(`${base}/password-reset`, { body: { email: person.email } })
      const token = await tokenTo(person.email, /[Pp]assword/)
      return { ...person, press: async () => html(await page('password_reset', { token, password: NEXT_PASSWORD })) }
    },
    endedBy: ['disabled', 'address changed', 'password changed', 'evicted'],
  },
}

const MEANWHILE: Record<string, (person: Person) => Promise<unknown>> = {
  disabled: (person) => operator(person, 'disable'),
  'address changed': (person) =>
    fixture.control.call('PATCH', `projects/${project.id}/users/${person.userId}`, { email: unique('elsewhere') }),
  'password changed': async (person) => {
    const { body } = await call(`${base}/login`, { body: { email: person.email, password: NEXT_PASSWORD } })
    await call(`${base}/password`, {
      token: body.access_token,
      body: { current_password: NEXT_PASSWORD, password: 'a third horse battery 6!' },
    })
  },
  evicted: (person) => operator(person, 'evict'),
}

describe.each(Object.entries(PRESSES))('%s', (_name, { ready, endedBy }) => {
  test('pressed again within two minutes answers the same, and nothing happens again', async () => {
    const { press, ...person } = await ready()
    const first = await press()
    expect(first.status, JSON.stringify(first.same)).toBe(200)
    const before = await traces(person)
    clock.advanceSeconds(115)
    expect(await press()).toEqual(first)
    expect(await traces(person)).toEqual(before)
  })

  test('two at once: one effect, the same answer', async () => {
    const { press, ...person } = await ready()
    const answers = await Promise.all([press(), press(), press()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const { audit } = await traces(person)
    for (const action of ['user.email_confirmed', 'user.email_changed', 'user.password_reset']) {
      expect(audit.filter((row) => (row as { action: string }).action === action).length).toBeLessThanOrEqual(1)
    }
  })

  test('after two minutes it is spent', async () => {
    const { press } = await ready()
    expect((await press()).status).toBe(200)
    clock.advanceSeconds(121)
    expect((await press()).status).toBe(400)
  })

  test.each(endedBy)('after the account was %s it is spent', async (change) => {
    const { press, ...person } = await ready()
    expect((await press()).status).toBe(200)
    await MEANWHILE[change]!(person)
    const before = await traces(person)
    // By code, an address that has no account any more is refused like a wrong password.
    expect([400, 401]).toContain((await press()).status)
    expect(await traces(person)).toEqual(before)
  })
})

test('a reset with the same token and another password is spent, and the password stays', async () => {
  const { email } = await signUp()
  await call(`${base}/password-reset`, { body: { email } })
  const token = await tokenTo(email, /[Pp]assword/)
  expect((await call(`${base}/password-reset/confirm`, { body: { token, password: NEXT_PASSWORD } })).status).toBe(200)
  expect((await call(`${base}/password-reset/confirm`, { body: { token, password: 'somebody else 8 chose' } })).body.error.code).toBe(
    'invalid_or_expired_token',
  )
  expect([await logIn(email, NEXT_PASSWORD), await logIn(email, 'somebody else 8 chose')]).toEqual([200, 401])
})

test('a spent reset link is no place to guess the password: after a few tries it compares no more', async () => {
  const { email } = await signUp()
  await call(`${base}/password-reset`, { body: { email } })
  const token = await tokenTo(email, /[Pp]assword/)
  const confirm = async (password: string) => (await call(`${base}/password-reset/confirm`, { body: { token, password } })).status
  expect(await confirm(NEXT_PASSWORD)).toBe(200)
  for (let guess = 0; guess < 5; guess += 1) expect(await confirm(`a wrong guess number ${guess}`)).toBe(400)
  expect(await confirm(NEXT_PASSWORD)).toBe(400)
  expect(await logIn(email, NEXT_PASSWORD)).toBe(200)
})

describe('a sign-in link on our page', () => {
  const ask = async () => {
    const email = unique('link')
    const key = proofKey()
    await call(`${base}/magic-link`, {
      body: { email, redirect_to: APP_CALLBACK, code_challenge: key.challenge, code_challenge_method: 'S256' },
    })
    return { email, key, token: await tokenTo(email, /Sign in/) }
  }
  const press = (browser: BrowserClient, token: string) => browser.open(`${base}/mail/magic_link`, { form: { token } })
  const exchange = (code: string | null, verifier: string) => call(`${base}/token/exchange`, { body: { code, code_verifier: verifier } })

  test('the browser that pressed first gets the same code, and no other does', async () => {
    const { token, key, email } = await ask()
    const browser = new BrowserClient()
    const opened = await browser.open(`${base}/mail/magic_link?token=${token}`)
    expect(opened.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax$/)
    const first = await press(browser, token)
    expect(first.status).toBe(302)
    expect((await press(browser, token)).location?.href).toBe(first.location?.href)
    const other = new BrowserClient()
    await other.open(`${base}/mail/magic_link?token=${token}`)
    for (const stranger of [other, new BrowserClient()])
      expect([(await press(stranger, token)).status, (await press(stranger, token)).location]).toEqual([400, null])
    const session = await exchange(first.location!.searchParams.get('code'), key.verifier)
    expect([session.status, session.body.user.email]).toEqual([200, email])
    // Once: the same code again opens nothing.
    expect((await press(browser, token)).location?.href).toBe(first.location?.href)
    expect((await exchange(first.location!.searchParams.get('code'), key.verifier)).status).toBe(400)
    expect((await exchange(first.location!.searchParams.get('code'), proofKey().verifier)).status).toBe(400)
  })

  test('without having opened the page first, the cookie of the first press does', async () => {
    const { token } = await ask()
    const browser = new BrowserClient()
    const first = await press(browser, token)
    expect((await press(browser, token)).location?.href).toBe(first.location?.href)
  })

  test('a double click: both answers lead to one code', async () => {
    const { token, key } = await ask()
    const browser = new BrowserClient()
    await browser.open(`${base}/mail/magic_link?token=${token}`)
    const [one, two] = await Promise.all([press(browser, token), press(browser, token)])
    expect(one.location?.href).toBe(two.location?.href)
    const sessions = await Promise.all([1, 2, 3].map(() => exchange(one.location!.searchParams.get('code'), key.verifier)))
    expect(sessions.map(({ status }) => status).toSorted()).toEqual([200, 400, 400])
  })

  test('the holder of the verifier redeems the code of the page, once; no other caller does', async () => {
    const { token, key, email } = await ask()
    const confirm = (verifier?: string) =>
      call(`${base}/magic-link/confirm`, { body: { token, ...(verifier && { code_verifier: verifier }) } })
    await press(new BrowserClient(), token)
    expect((await confirm()).status).toBe(400)
    expect((await confirm(proofKey().verifier)).status).toBe(400)
    const session = await confirm(key.verifier)
    expect([session.status, session.body.user?.email]).toEqual([200, email])
    expect((await confirm(key.verifier)).status).toBe(400)
  })

  test('after two minutes it is spent', async () => {
    const { token } = await ask()
    const browser = new BrowserClient()
    expect((await press(browser, token)).status).toBe(302)
    clock.advanceSeconds(121)
    expect((await press(browser, token)).status).toBe(400)
  })

  test.each(['disabled', 'address changed', 'evicted'])('after the account was %s it is spent', async (change) => {
    const { token, key, email } = await ask()
    const browser = new BrowserClient()
    const first = await press(browser, token)
    const [row] = await fixture.owner.query<{ id: string }>('select id from auth.end_user where email = $1', [email])
    await MEANWHILE[change]!({ email, userId: row!.id, token: '' })
    expect((await press(browser, token)).status).toBe(400)
    if (change !== 'address changed') expect((await exchange(first.location!.searchParams.get('code'), key.verifier)).status).not.toBe(200)
  })
})
