import { readFileSync } from 'node:fs'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { codeAt } from '../../support/authenticator-app.js'
import { call, type Answer } from '../../support/data-plane.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

// Few guesses, so that one which is counted by mistake is noticed.
const limits = { code_account: { points: 3, window_seconds: 900 }, factor_account: { points: 3, window_seconds: 900 } }
const clock = new MovableClock()
let fixture: SignInFixture
let base: string

beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
  base = (await fixture.project(['email', 'email_otp'], { mfa: 'optional', site_url: 'https://app.example', limits })).base
})
afterAll(() => fixture?.close())

type Typed = (code: string) => string
const inDigits = (zero: number): Typed => (code) => code.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))
const parted = (between: string): Typed => (code) => `${code.slice(0, 3)}${between}${code.slice(3)}`

const AS_TYPED: Record<string, Typed> = {
  'with a space': parted(' '),
  'with a dash and blanks around': (code) => `  ${parted('–')(code)}\t`,
  'in full-width digits': inDigits(0xff10),
  'in Arabic-Indic digits': (code) => inDigits(0x660)(parted('\u00a0')(code)),
  'in Persian digits with a zero-width space': (code) => inDigits(0x6f0)(parted('\u200b')(code)),
}
const NO_CODE = ['', 'hello', '12345', '1234567', '12 34', '１２３４５']

/** What a route asks a code for: made ready, then asked with a code as typed. */
interface Asked {
  right: () => string
  ask: (code: string) => Promise<Answer>
}

const mailedCode = async (email: string, subject: RegExp) => {
  const mail = await fixture.resend.waitForMail((each) => each.to.includes(email) && subject.test(each.subject))
  return /^ {4}(\d{6})$/m.exec(mail.text)![1]!
}
const codeNow = (uri: string) => codeAt(uri, clock.now())
const signUp = async () => {
  const email = unique('typed')
  const { body } = await call(`${base}/signup`, { body: { email, password: PASSWORD } })
  return { email, token: body.access_token as string }
}
const startFactor = async (token: string) =>
  (await call(`${base}/factors`, { token, body: { type: 'totp', password: PASSWORD, friendly_name: 'Phone' } })).body
async function withFactor() {
  const user = await signUp()
  const { factor_id: factorId, otpauth_uri: uri } = await startFactor(user.token)
  const { body } = await call(`${base}/factors/${factorId}/verify`, { token: user.token, body: { code: codeNow(uri) } })
  clock.advanceSeconds(30)
  return { ...user, factorId: factorId as string, uri: uri as string, recoveryCodes: body.recovery_codes as string[] }
}
/** Raised ten minutes ago: a fresh factor is asked for again. */
async function stale() {
  const user = await withFactor()
  clock.advanceSeconds(660)
  return user
}

const ROUTES: Record<string, () => Promise<Asked>> = {
  'post /email/confirm': async () => {
    const { email } = await signUp()
    const code = await mailedCode(email, /Confirm/)
    return { right: () => code, ask: (typed) => call(`${base}/email/confirm`, { body: { email, code: typed } }) }
  },
  'post /email/verify': async () => {
    const email = unique('typed')
    await call(`${base}/email/start`, { body: { email } })
    const code = await mailedCode(email, /./)
    return { right: () => code, ask: (typed) => call(`${base}/email/verify`, { body: { email, code: typed } }) }
  },
  'post /mfa/verify': async () => {
    const { email, uri } = await withFactor()
    const { mfa_token: token } = (await call(`${base}/login`, { body: { email, password: PASSWORD } })).body
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/mfa/verify`, { body: { mfa_token: token, code } }) }
  },
  'post /mfa/challenge': async () => {
    const { token, uri } = await stale()
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/mfa/challenge`, { token, body: { code } }) }
  },
  'post /factors': async () => {
    const { token, uri } = await stale()
    return {
      right: () => codeNow(uri),
      ask: (code) => call(`${base}/factors`, { token, body: { type: 'totp', friendly_name: 'Second', code } }),
    }
  },
  'post /factors/{id}/verify': async () => {
    const { token } = await signUp()
    const { factor_id: id, otpauth_uri: uri } = await startFactor(token)
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/factors/${id}/verify`, { token, body: { code } }) }
  },
  'delete /factors/{id}': async () => {
    const { token, uri, factorId } = await stale()
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/factors/${factorId}`, { method: 'DELETE', token, body: { code } }) }
  },
  'post /factors/recovery-codes': async () => {
    const { token, uri } = await stale()
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/factors/recovery-codes`, { token, body: { code } }) }
  },
  'post /webauthn/register/options': async () => {
    const { token, uri } = await stale()
    return { right: () => codeNow(uri), ask: (code) => call(`${base}/webauthn/register/options`, { token, body: { code } }) }
  },
  'delete /webauthn/credentials/{id}': async () => {
    const { token, uri } = await stale()
    const none = '00000000-0000-4000-8000-000000000000'
    return {
      right: () => codeNow(uri),
      ask: (code) => call(`${base}/webauthn/credentials/${none}`, { method: 'DELETE', token, body: { code } }),
    }
  },
}

interface Schema {
  $ref?: string
  properties?: Record<string, { $ref?: string }>
}

/** The routes whose body has a code that a person types, as the description has them. */
function routesWithCodes(): string[] {
  const { paths, components } = parse(readFileSync(new URL('../../../openapi/data-plane.yaml', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, { requestBody?: { content?: Record<string, { schema?: Schema }> } }>>
    components: { schemas: Record<string, Schema> }
  }
  const resolved = (schema: Schema | undefined): Schema | undefined =>
    schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1)!]
  const takesCode = (schema: Schema | undefined) => /(MailedCode|FactorCode)$/.test(resolved(schema)?.properties?.['code']?.$ref ?? '')
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).some(({ schema }) => takesCode(schema)) ? [`${method} ${path}`] : [],
    ),
  )
}

test('every route that takes a typed code is tried here', () => {
  expect(routesWithCodes().toSorted()).toEqual(Object.keys(ROUTES).toSorted())
})

describe.each(Object.entries(ROUTES))('%s', (route, prepare) => {
  test('reads codes as people type them', async () => {
    for (const [how, typed] of Object.entries(AS_TYPED)) {
      const { right, ask } = await prepare()
      const answer = await ask(typed(right()))
      expect([how, answer.status < 300 || (route.includes('credentials') && answer.status === 404)], answer.text).toEqual([how, true])
    }
  })

  test('what cannot be a code is refused and uses up no guess; a wrong code does', async () => {
    const { right, ask } = await prepare()
    const mailed = route.includes('/email/')
    for (const typed of NO_CODE) expect((await ask(typed)).body.error.code).toBe(mailed ? 'validation_error' : 'invalid_code')
    const wrong = right() === '000000' ? '000001' : '000000'
    expect((await ask(wrong)).body.error.code).toBe(mailed ? 'invalid_or_expired_token' : 'invalid_code')
    expect((await ask(right())).status).toBeLessThan(route.includes('credentials') ? 405 : 300)
  })

  test('the guesses run out', async () => {
    const { right, ask } = await prepare()
    const wrong = right() === '000000' ? '000001' : '000000'
    const guesses = []
    // Whoever is known, as everybody at one address is here, has as many of their own at a second factor.
    const all = route.includes('/email/') ? 3 : 6
    for (let guess = 0; guess <= all; guess++) guesses.push((await ask(wrong)).status)
    expect([guesses.at(-1), guesses.slice(0, all).includes(429)]).toEqual([429, false])
  })
})

test('recovery codes are read in the same way', async () => {
  const ways: Typed[] = [
    (code) => code.toLowerCase().replaceAll('-', ' '),
    (code) => inDigits(0xff10)(code.replaceAll('-', '－')),
    (code) => inDigits(0x660)(code.replaceAll('-', '\u2011')),
  ]
  const { email, recoveryCodes } = await withFactor()
  for (const [index, typed] of ways.entries()) {
    const { mfa_token: token } = (await call(`${base}/login`, { body: { email, password: PASSWORD } })).body
    expect((await call(`${base}/mfa/verify`, { body: { mfa_token: token, code: typed(recoveryCodes[index]!) } })).status).toBe(200)
    expect((await call(`${base}/mfa/verify`, { body: { mfa_token: token, code: recoveryCodes[index] } })).status).not.toBe(200)
  }
})
