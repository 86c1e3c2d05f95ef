import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { startFakeGithub, type FakeGithub } from '../../support/fake-github.js'
import { signInWith, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let github: FakeGithub
let project: Awaited<ReturnType<SignInFixture['project']>>
const CLIENT = { id: 'Iv1.client', secret: 'github-secret' }
const path = () => `projects/${project.id}/auth/providers/github`

beforeAll(async () => {
  fixture = await startSignInFixture()
  project = await fixture.project(['github'])
  github = await startFakeGithub(CLIENT)
  expect(
    (await fixture.control.call('PUT', path(), { client_id: CLIENT.id, client_secret: CLIENT.secret, base_url: github.url })).status,
  ).toBe(200)
})
afterAll(async () => {
  await github?.close()
  await fixture?.close()
})

test('signs in by the verified primary address of the list, not by the public one', async () => {
  const email = unique('octo')
  github.user = { id: 583231, login: 'octocat', name: 'Octo Cat', email: 'public@elsewhere.example' }
  github.emails = [
    { email: 'old@elsewhere.example', primary: false, verified: true },
    { email, primary: true, verified: true },
  ]
  const { session } = await signInWith(new BrowserClient(), project.base, 'github')
  expect(session!.body.user).toMatchObject({ email, email_verified: true })
  const [row] = await fixture.owner.query('select subject, profile from auth.identity where project_id = $1', [project.uuid])
  expect(row).toEqual({ subject: '583231', profile: { name: 'Octo Cat', username: 'octocat', picture: 'https://avatars.example/1' } })
})

test('an unverified primary address joins no account and, in private mode, makes none', async () => {
  const email = unique('unproven')
  github.user = { id: 2, login: 'two', name: null, email: null }
  github.emails = [{ email, primary: true, verified: false }]
  const first = await signInWith(new BrowserClient(), project.base, 'github')
  expect(first.session!.body.user).toMatchObject({ email, email_verified: false })
  github.user = { ...github.user, id: 3 }
  expect((await signInWith(new BrowserClient(), project.base, 'github')).landed.searchParams.get('error')).toBe('email_not_verified')
  await fixture.control.call('PATCH', `projects/${project.id}/auth`, { signup_mode: 'private' })
  github.user = { ...github.user, id: 4 }
  github.emails = [{ email: unique('fresh'), primary: true, verified: false }]
  await expect
    .poll(async () => (await signInWith(new BrowserClient(), project.base, 'github')).landed.searchParams.get('error'))
    .toBe('email_not_verified')
})

test.each([403, 404, 500])('a GitHub App whose list of addresses answers %i: who is linked gets in, who is new is told', async (status) => {
  const email = unique('app')
  github.user = { id: 9_000 + status, login: 'app-user', name: 'App', email: 'public@elsewhere.example' }
  github.emails = [{ email, primary: true, verified: true }]
  const first = await signInWith(new BrowserClient(), project.base, 'github')
  github.emailsStatus = status
  const again = await signInWith(new BrowserClient(), project.base, 'github')
  expect(again.session).toMatchObject({ status: 200, body: { user: { id: first.session!.body.user_id, email } } })
  github.user = { ...github.user, id: 9_500 + status }
  const stranger = signInWith(new BrowserClient(), project.base, 'github')
  // 500 is no word about the person: our own page says that GitHub does not answer.
  if (status === 500) await expect(stranger).rejects.toThrow(/: 503 /)
  else expect((await stranger).landed.searchParams.get('error')).toBe('email_missing')
  const [row] = await fixture.owner.query('select email, email_verified from auth.identity where project_id = $1 and subject = $2', [
    project.uuid,
    String(9_000 + status),
  ])
  expect(row).toEqual({ email, email_verified: true })
  github.emailsStatus = 200
})

test.each<[string, unknown]>([
  ['401', 401],
  ['403', 403],
  ['a list', []],
  ['an id that is text', { id: '7', login: 'x' }],
])('GitHub does not say who it is: %s', async (_name, answer) => {
  github.userAnswer = answer
  expect((await signInWith(new BrowserClient(), project.base, 'github')).landed.searchParams.get('error')).toBe('server_error')
  github.userAnswer = null
})

test('the test call reads errors that come with status 200', async () => {
  expect((await fixture.control.call('POST', `${path()}/test`)).body.data.ok).toBe(true)
  await fixture.control.call('PUT', path(), { client_id: CLIENT.id, client_secret: 'wrong', base_url: github.url })
  const wrong = await fixture.control.call('POST', `${path()}/test`)
  expect([wrong.status, wrong.body.error.details[0]]).toMatchObject([422, { field: 'client_secret', code: 'wrong_client' }])
  expect((await signInWith(new BrowserClient(), project.base, 'github')).landed.searchParams.get('error')).toBe('server_error')
})
