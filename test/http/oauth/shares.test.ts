import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startFakeCaptcha, type FakeCaptcha } from '../../support/fake-captcha.js'
import { startFakeGithub, type FakeGithub } from '../../support/fake-github.js'
import { startFakeIssuer, type FakeIssuer } from '../../support/fake-issuer.js'
import { PASSWORD, proofKey, signInWith, startSignInFixture, startUrl, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let dead: FakeIssuer
let github: FakeGithub
let captcha: FakeCaptcha
const CLIENT = { id: 'Iv1.client', secret: 'github-secret' }

beforeAll(async () => {
  captcha = await startFakeCaptcha({ secret: 'captcha-secret', solved: ['solved-1', 'solved-2'] })
  fixture = await startSignInFixture({ captchaVerifyUrl: captcha.url })
  dead = await startFakeIssuer()
  dead.hangs = true
  github = await startFakeGithub(CLIENT)
})
afterAll(async () => {
  await github?.close()
  await dead?.close()
  await captcha?.close()
  await fixture?.close()
})

async function deadProject() {
  const project = await fixture.project(['oidc:dead'])
  await fixture.control.call('PUT', `projects/${project.id}/auth/providers/oidc:dead`, {
    client_id: 'client',
    client_secret: 'secret',
    issuer: dead.issuer,
  })
  return project
}

test('110 sign-ins that hang at a dead issuer, and ten more projects of that kind, delay neither GitHub nor a captcha of another project', async () => {
  const project = await fixture.project(['email', 'github'])
  await fixture.control.call('PUT', `projects/${project.id}/auth/providers/github`, {
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    base_url: github.url,
  })
  await fixture.control.call('PUT', `projects/${project.id}/auth/captcha`, {
    provider: 'turnstile',
    site_key: 'site',
    secret: 'captcha-secret',
  })
  const email = unique('octo')
  github.emails = [{ email, primary: true, verified: true }]
  const greedy = await deadProject()
  const others = await Promise.all(Array.from({ length: 10 }, deadProject))
  const start = (base: string) => new BrowserClient().open(startUrl(base, 'oidc:dead', proofKey())).then(({ status }) => status)
  const began = performance.now()
  const hanging = [
    ...Array.from({ length: 110 }, () => start(greedy.base)),
    ...others.flatMap(({ base }) => Array.from({ length: 20 }, () => start(base))),
  ]
  await expect.poll(() => dead.asked['/.well-known/openid-configuration'] ?? 0).toBeGreaterThanOrEqual(11)

  const from = performance.now()
  const { session } = await signInWith(new BrowserClient(), project.base, 'github')
  expect(session).toMatchObject({ status: 200, body: { user: { email, email_verified: true } } })
  const signUp = await call(`${project.base}/signup`, { body: { email: unique(), password: PASSWORD, captcha_token: 'solved-1' } })
  expect([signUp.status, captcha.asked.length]).toEqual([201, 1])
  // The others are still waiting: this was not after them.
  expect([performance.now() - from < 3_000, performance.now() - began < 4_000]).toEqual([true, true])
  expect(new Set(await Promise.all(hanging))).toEqual(new Set([503]))
})

test('a dead sign-in provider of a project does not take the project’s own captcha with it, and a failure of one project is not another’s', async () => {
  const project = await deadProject()
  await fixture.control.call('PATCH', `projects/${project.id}/auth`, { providers: ['email', 'oidc:dead'] })
  await fixture.control.call('PUT', `projects/${project.id}/auth/captcha`, {
    provider: 'turnstile',
    site_key: 'site',
    secret: 'captcha-secret',
  })
  await expect
    .poll(async () => (await call(`${project.base}/signup`, { body: { email: unique(), password: PASSWORD } })).body.error?.code)
    .toBe('captcha_failed')
  const hanging = Array.from({ length: 30 }, () => new BrowserClient().open(startUrl(project.base, 'oidc:dead', proofKey())))
  const signUp = await call(`${project.base}/signup`, { body: { email: unique(), password: PASSWORD, captcha_token: 'solved-2' } })
  expect(signUp.status).toBe(201)
  expect((await Promise.all(hanging)).every(({ status }) => status === 503)).toBe(true)
  dead.hangs = false
  const fresh = await deadProject()
  expect((await new BrowserClient().open(startUrl(fresh.base, 'oidc:dead', proofKey()))).status).toBe(302)
  expect((await new BrowserClient().open(startUrl(project.base, 'oidc:dead', proofKey()))).status).toBe(302)
})
