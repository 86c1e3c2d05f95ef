import jwt from 'jsonwebtoken'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { hmacSha256 } from '@portico/crypto/hmac'
import { digestCode } from '@portico/end-user/steps/code-digest'
import { SoftwarePasskey } from '../../isolation/software-passkey.js'
import { codeAt } from '../../support/authenticator-app.js'
import { BrowserClient } from '../../support/browser-client.js'
import {
  call, createTestProject, mintOneTimeToken, openAdmin, PASSWORD, signUp, startDataPlane, type Answer, type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { submit } from '../../support/page-forms.js'
import { createTestDatabase, testMasterKey, type TestDatabase } from '../../support/postgres.js'
import { APP_CALLBACK, proofKey } from '../../support/sign-in-fixture.js'
import { noteChange } from '../../support/sql.js'

const SITE = 'https://app.example'
const NEW_PASSWORD = 'another long enough pass 8'
let database: TestDatabase
let plane: RunningDataPlane
let admin: Client
let project: TestProject
let base: string
let company: { id: string; slug: string }

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, {
    settings: {
      organizations: 'self_service', mfa: 'optional', providers: ['email', 'magic_link', 'email_otp'], redirect_urls: [APP_CALLBACK],
      site_url: SITE,
    },
  })
  base = plane.url + project.path
  const owner = await person()
  company = (await call(`${base}/organizations`, { token: owner.accessToken, body: { name: 'Acme' } })).body
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await database?.drop()
})

const digest = (text: string) => createHash('sha256').update(text).digest()
const soon = () => new Date(plane.clock.now().getTime() + 60_000)
const slugOf = (answer: Answer) => (jwt.decode(answer.body.access_token) as jwt.JwtPayload)['org_slug'] as string | undefined
const post = (path: string, body: unknown) => call(`${base}/${path}`, { body })

/** Of a proven address; `member`: belongs to the company. */
async function person({ member = false, factor = false } = {}) {
  const user = await signUp(base)
  await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [user.userId])
  await noteChange(admin, project.id, user.userId)
  if (member) await join(user.userId)
  return { ...user, recoveryCode: factor ? await withFactor(user.accessToken) : '' }
}

const join = (userId: string) =>
  admin.query(
    `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at) values ($1, $2, $3, 'member', now(), now())`,
    [project.id, company.id, userId],
  )

/** Answers a recovery code, which counts as a second factor. */
async function withFactor(token: string): Promise<string> {
  const { body } = await call(`${base}/factors`, { token, body: { type: 'totp' } })
  const done = await call(`${base}/factors/${body.factor_id}/verify`, { token, body: { code: codeAt(body.otpauth_uri, plane.clock.now()) } })
  return done.body.recovery_codes[0]
}

type Person = Awaited<ReturnType<typeof person>>
const mint = (who: Person, purpose: string, payload: Record<string, unknown> = {}) =>
  mintOneTimeToken(admin, project, { userId: who.userId, purpose, payload: { email: who.email, ...payload }, now: plane.clock.now() })

async function mailedLink(email: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await admin.query(
    `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, link_digest, created_at, expires_at) values ($1, gen_random_uuid(), 'sign_in', $2, $2, $3, $4, $5)`,
    [project.id, email, digest(token), plane.clock.now(), soon()],
  )
  return token
}

async function mailedCode(email: string): Promise<string> {
  const code = '123456'
  const key = hmacSha256(testMasterKey(), 'portico/email-code')
  await admin.query(
    `insert into auth.email_challenge (project_id, id, purpose, address, address_typed, code_digest, created_at, expires_at, code_expires_at)
      values ($1, $2, 'sign_in', $3, $3, $4, $5, $6, $6)`,
    [project.id, randomUUID(), email, digestCode(key, project.id, email, code), plane.clock.now(), soon()],
  )
  return code
}

/** What a redirect brings back after a provider, and after the identity provider of a company, which names the organization itself. */
async function exchangeCode(userId: string, payload: Record<string, unknown> = {}) {
  const [code, verifier] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
  await admin.query(
    `insert into auth.exchange_code (project_id, digest, end_user_id, purpose, amr, payload, code_challenge, created_at, expires_at) values ($1, $2, $3, 'sign_in', '{fed}', $4, $5, $6, $7)`,
    [project.id, digest(code), userId, JSON.stringify(payload), digest(verifier).toString('base64url'), plane.clock.now(), soon()],
  )
  return { code, code_verifier: verifier }
}

/** Every way in of which the app says which organization it is for. */
const WAYS: Record<string, (who: Person, organization: string) => Promise<Answer>> = {
  'a password': ({ email, password }, organization) => post('login', { email, password, organization }),
  'a mailed link': async ({ email }, organization) => post('magic-link/confirm', { token: await mailedLink(email), organization }),
  'a mailed code': async ({ email }, organization) => post('email/verify', { email, code: await mailedCode(email), organization }),
  'a provider': async ({ userId }, organization) => post('token/exchange', { ...(await exchangeCode(userId)), organization }),
  'the identity provider of the company': async ({ userId }) =>
    post('token/exchange', await exchangeCode(userId, { organization_id: company.id })),
  'a recovery mail': async (who, organization) => post('recovery/confirm', { token: await mint(who, 'account_recovery'), organization }),
  'an invitation to the app': async (who, organization) =>
    post('invitation/accept', { token: await mint(who, 'invitation'), password: NEW_PASSWORD, organization }),
}

describe('the organization that a sign-in says', () => {
  test.each(Object.keys(WAYS))('%s: is in the first token and stays with a refresh', async (way) => {
    const who = await person({ member: true })
    const session = await WAYS[way]!(who, company.slug)
    expect([way, session.status, slugOf(session)]).toEqual([way, 200, company.slug])
    expect(slugOf(await post('refresh', { refresh_token: session.body.refresh_token }))).toBe(company.slug)
  })

  test.each(Object.keys(WAYS))('%s: is kept until the second factor is there', async (way) => {
    const who = await person({ member: true, factor: true })
    const half = await WAYS[way]!(who, company.id)
    expect([way, half.status, half.body.mfa_required]).toEqual([way, 200, true])
    const session = await post('mfa/verify', { mfa_token: half.body.mfa_token, code: who.recoveryCode })
    expect([session.status, slugOf(session)]).toEqual([200, company.slug])
    expect(slugOf(await post('refresh', { refresh_token: session.body.refresh_token }))).toBe(company.slug)
  })

  test.each(Object.keys(WAYS).filter((way) => !way.startsWith('the identity')))('%s: one that the person does not belong to changes nothing', async (way) => {
    const [who, guarded] = [await person(), await person({ factor: true })]
    const session = await WAYS[way]!(who, company.id)
    expect([session.status, slugOf(session)]).toEqual([200, undefined])
    const half = await WAYS[way]!(guarded, company.id)
    const whole = await post('mfa/verify', { mfa_token: half.body.mfa_token, code: guarded.recoveryCode })
    expect([whole.status, slugOf(whole)]).toEqual([200, undefined])
  })

  test('a passkey, which is both factors: is in the first token and stays with a refresh', async () => {
    const [member, stranger] = [await person({ member: true }), await person()]
    for (const [who, slug] of [[member, company.slug], [stranger, undefined]] as const) {
      const device = new SoftwarePasskey('app.example', SITE)
      const options = (await call(`${base}/webauthn/register/options`, { token: who.accessToken, body: {} })).body
      const registered = await call(`${base}/webauthn/register/verify`, { token: who.accessToken, body: { credential: device.create(options.challenge) } })
      expect(registered.status).toBe(201)
      const { challenge } = (await post('webauthn/authenticate/options', {})).body
      const credential = device.get(challenge, who.userId)
      const session = await post('webauthn/authenticate/verify', { credential, organization: company.slug })
      expect([session.status, slugOf(session)]).toEqual([200, slug])
      expect(slugOf(await post('refresh', { refresh_token: session.body.refresh_token }))).toBe(slug)
    }
  })

  test('the second half may say another one; whoever left meanwhile works for none', async () => {
    const [mover, leaver] = [await person({ member: true, factor: true }), await person({ member: true, factor: true })]
    const own = (await call(`${base}/organizations`, { token: mover.accessToken, body: { name: 'Own' } })).body
    const logIn = ({ email, password }: Person) => post('login', { email, password, organization: company.slug })
    const halves = await Promise.all([mover, leaver].map(logIn))
    const [moved, left] = halves.map(({ body }) => body.mfa_token as string)
    expect(slugOf(await post('mfa/verify', { mfa_token: moved, code: mover.recoveryCode, organization: own.slug }))).toBe(own.slug)
    await admin.query('delete from auth.organization_membership where end_user_id = $1', [leaver.userId])
    expect(slugOf(await post('mfa/verify', { mfa_token: left, code: leaver.recoveryCode }))).toBeUndefined()
  })

  test('is kept where the project makes somebody enrol their first factor on the way', async () => {
    const strict = await createTestProject(database, { settings: { organizations: 'self_service', mfa: 'optional' } })
    const at = plane.url + strict.path
    const user = await signUp(at)
    const { slug } = (await call(`${at}/organizations`, { token: user.accessToken, body: { name: 'Strict' } })).body
    await admin.query(`update auth.service set settings = settings || '{"mfa": "required"}' where project_id = $1`, [strict.id])
    await noteChange(admin, strict.id)
    const logIn = () => call(`${at}/login`, { body: { email: user.email, password: user.password, organization: slug } })
    await expect.poll(async () => (await logIn()).body.mfa_enrolment_required, { timeout: 5_000 }).toBe(true)
    const { mfa_token } = (await logIn()).body
    const factor = (await call(`${at}/factors`, { body: { type: 'totp', mfa_token } })).body
    const code = codeAt(factor.otpauth_uri, plane.clock.now())
    expect(slugOf(await call(`${at}/factors/${factor.factor_id}/verify`, { body: { code, mfa_token } }))).toBe(slug)
  })

  test('whoever accepts an invitation to it works for it at once', async () => {
    const who = await signUp(base)
    const id = randomUUID()
    await admin.query(
      `insert into auth.organization_invitation (project_id, id, organization_id, email, role, created_at, expires_at) values ($1, $2, $3, $4, 'member', now(), now() + interval '1 day')`,
      [project.id, id, company.id, who.email],
    )
    const token = await mint({ ...who, recoveryCode: '' }, 'invitation', { organizationInvitationId: id })
    expect(slugOf(await post('invitation/accept', { token, password: NEW_PASSWORD }))).toBe(company.slug)
  })

  test('a sign-up may say it and is told nothing: nobody belongs anywhere before their address is proven', async () => {
    const answer = await post('signup', { email: `${randomUUID()}@example.com`, password: PASSWORD, organization: company.slug })
    expect([answer.status, slugOf(answer)]).toEqual([201, undefined])
  })

  test('every route that answers the tokens of a new session takes it', () => {
    const text = (of: unknown) => JSON.stringify(of ?? {})
    const { paths, components } = parse(readFileSync(new URL('../../../openapi/data-plane.yaml', import.meta.url), 'utf8'))
    const starts = Object.entries<{ post?: { requestBody?: { $ref?: string }; responses: Record<string, unknown> } }>(paths)
      .filter(([path, { post: route }]) => route && path !== '/refresh' && /responses\/(SignIn|Session)"/.test(text(route.responses)))
    expect(starts.length).toBeGreaterThan(8)
    for (const [path, { post: route }] of starts) {
      const shared = route?.requestBody?.$ref?.split('/').at(-1)
      const body = shared === undefined ? route?.requestBody : components.requestBodies[shared]
      const schema = /schemas\/(\w+)/.exec(text(body))?.[1] ?? ''
      expect([path, schema, 'organization' in (components.schemas[schema]?.properties ?? {})]).toEqual([path, schema, true])
    }
  })
})

describe('on our own page', () => {
  const open = (organization: string, challenge: string) => {
    const asked = { redirect_to: APP_CALLBACK, code_challenge: challenge, ...(organization === '' ? {} : { organization }) }
    return `${base}/sign-in?${new URLSearchParams(asked)}`
  }

  async function signIn(who: Person, organization: string) {
    const [key, browser] = [proofKey(), new BrowserClient()]
    const page = await browser.open(open(organization, key.challenge))
    let answer = await submit(browser, page, /sign-in/, { email: who.email, password: who.password })
    if (who.recoveryCode !== '') answer = await submit(browser, answer, /mfa/, { code: who.recoveryCode, intent: 'recovery' })
    const code = answer.location?.searchParams.get('code') ?? null
    return { answer, session: code === null ? null : await post('token/exchange', { code, code_verifier: key.verifier }) }
  }

  test.each([['without', false], ['with', true]] as const)('the one that the app asked for is not asked again, %s a second factor', async (_what, factor) => {
    const who = await person({ member: true, factor })
    const { session } = await signIn(who, company.slug)
    expect([session?.status, session && slugOf(session)]).toEqual([200, company.slug])
  })

  test('nobody’s own is asked for as if nothing had been said', async () => {
    const [member, stranger] = [await person({ member: true }), await person()]
    expect((await signIn(member, 'unheard-of')).answer.text).toContain('Acme')
    const { session } = await signIn(stranger, company.slug)
    expect([session?.status, session && slugOf(session)]).toEqual([200, undefined])
  })
})
