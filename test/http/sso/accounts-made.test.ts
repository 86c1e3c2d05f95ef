import { randomUUID } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { call, signUp } from '../../support/data-plane.js'
import { samlConnection, signInBySaml, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'
import { startReceiver } from '../../support/webhook-receiver.js'
import { scimClient, USER } from '../scim/scim-client.js'

/** Accounts that companies and their admins make: the app is asked before, as for a sign-up (test/http/data-plane/hooks.test.ts). */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let receiver: Awaited<ReturnType<typeof startReceiver>>
let decision: 'allow' | 'deny' = 'allow'
let organizationId: string
let domain: string
let connection: string
let scimToken: string
let admin: { accessToken: string }
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { organizations: 'managed' })
  receiver = await startReceiver(() => {
    const more = decision === 'allow' ? { app_metadata: { plan: 'free' } } : {}
    return { status: 200, body: JSON.stringify({ decision, ...more }) }
  })
  organizationId = (await fixture.organization(project.id)).id
  ;({ id: connection, domain } = await samlConnection(fixture, project, { organizationId }))
  const directory = await fixture.control.call('POST', `projects/${project.id}/directories`, { name: 'Acme', organization_id: organizationId })
  const tokens = await fixture.control.call('POST', `projects/${project.id}/directories/${directory.body.data.id}/tokens`, {})
  scimToken = tokens.body.data.token as string
  const boss = await signUp(project.base, { email: `boss@boss.example` })
  admin = boss
  await fixture.control.call('POST', `projects/${project.id}/organizations/${organizationId}/members`, { user_id: boss.userId, role: 'admin' })
  const hook = await fixture.control.call('PUT', `projects/${project.id}/hooks/before_sign_up`, { url: receiver.url })
  expect(hook.status, hook.text).toBe(200)
})
afterAll(async () => {
  await receiver?.close()
  await fixture?.close()
})
beforeEach(() => {
  decision = 'allow'
  receiver.received.length = 0
})

/** Answers whether the account was made. */
const WAYS: Record<string, (email: string) => Promise<boolean>> = {
  saml: async (email) => {
    const { error } = await signInBySaml(project.base, { connection_id: connection }, { nameId: email, attributes: { email } })
    return error === null
  },
  scim: async (email) => {
    const body = { schemas: [USER], userName: email, emails: [{ value: email, primary: true }], active: true }
    const made = await scimClient(project.base, scimToken)('POST', '/Users', body)
    expect([201, 403]).toContain(made.status)
    return made.status === 201
  },
  organization_invitation: async (email) => {
    const made = await call(`${project.base}/organizations/${organizationId}/invitations`, { token: admin.accessToken, body: { email } })
    expect([201, 403], made.text).toContain(made.status)
    return made.status === 201
  },
}

test.each(Object.entries(WAYS))('by %s: the app is asked before, once; a no leaves nothing, a yes keeps what it says', async (method, make) => {
  const there = async (email: string) =>
    (await fixture.owner.query<{ app_metadata: unknown }>('select app_metadata from auth.end_user where project_id = $1 and email = $2', [
      project.uuid, email,
    ]))[0]
  const unwanted = `unwanted-${randomUUID().slice(0, 8)}@${domain}`
  decision = 'deny'
  expect(await make(unwanted)).toBe(false)
  expect(await there(unwanted)).toBeUndefined()
  decision = 'allow'
  const wanted = `wanted-${randomUUID().slice(0, 8)}@${domain}`
  expect(await make(wanted)).toBe(true)
  expect((await there(wanted))!.app_metadata).toEqual({ plan: 'free' })
  const asked = receiver.received.map(({ message }) => message.data as { email: string; method: string })
  expect(asked.map((data) => [data.email, data.method])).toEqual([[unwanted, method], [wanted, method]])
})

test('who has an account already is no sign-up, and an invitation is refused alike for them: the no tells nobody who has one', async () => {
  const email = `known-${randomUUID().slice(0, 8)}@${domain}`
  await fixture.control.call('POST', `projects/${project.id}/users`, { email })
  decision = 'deny'
  expect(await WAYS['saml']!(email)).toBe(true)
  expect(receiver.received).toEqual([])
  expect(await WAYS['organization_invitation']!(email)).toBe(false)
})

test('accounts are made in one place, and by operators', () => {
  const root = new URL('../../../libs/', import.meta.url).pathname
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const sources = all.filter((file) => file.endsWith('.ts') && !/(\.test|\.d)\.ts$|dist\/|node_modules\//.test(file))
  const naming = (name: RegExp) => sources.filter((file) => name.test(readFileSync(join(root, file), 'utf8'))).toSorted()
  expect(naming(/\binsertEndUser\(/)).toEqual([
    'end-user/administration/create-end-user.ts',
    'end-user/invitations/invite-user.ts',
    // Where an operator invites.
    'end-user/organizations/invite-member.ts',
    'end-user/records/end-user.store.ts',
    'end-user/steps/make-account.ts',
  ])
  expect(naming(/\bsignUpEndUser\(/)).toEqual(['end-user/records/end-user.store.ts', 'end-user/ways-in/password/sign-up.ts'])
})
