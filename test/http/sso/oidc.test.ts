import jwt from 'jsonwebtoken'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import { atApp, PASSWORD, proofKey } from '../../support/sign-in-fixture.js'
import { ssoStart, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let organization: { id: string; slug: string }
let idp: OidcServer
let connection: string
let domain: string
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { organizations: 'managed' })
  organization = await fixture.organization(project.id)
  domain = await fixture.provenDomain(project, organization.id)
  const draft = await fixture.connect(project.id, { name: 'Acme', protocol: 'oidc', organization_id: organization.id, domains: [domain] })
  connection = draft.id
  const { redirect_uri: redirectUri } = (draft as unknown as { service_provider: { redirect_uri: string } }).service_provider
  idp = await startOidcServer([redirectUri])
  const oidc = { issuer: idp.issuer, client_id: idp.clientId, client_secret: idp.clientSecret }
  const changed = await fixture.change(project.id, connection, { oidc, state: 'active', roles: [{ group: 'Bosses', role: 'admin' }] })
  expect([changed.status, JSON.stringify(changed.body).includes(idp.clientSecret)]).toEqual([200, false])
})
afterAll(async () => {
  await idp?.close()
  await fixture?.close()
})

const claimsOf = (token: string) => jwt.decode(token) as jwt.JwtPayload

async function come(question: Record<string, string>) {
  const key = proofKey()
  const landed = await new BrowserClient().travel(ssoStart(project.base, key, question), atApp)
  const code = landed.searchParams.get('code')
  if (code === null) return { error: landed.searchParams.get('error'), session: null }
  return { error: null, session: await call(`${project.base}/token/exchange`, { body: { code, code_verifier: key.verifier } }) }
}

test('OpenID Connect: by address, organization and id, the same person, in the role of their groups', async () => {
  const email = `ada@${domain}`
  // Nothing but the proof of the domain vouches for the address.
  idp.account = { sub: 'ada', email, email_verified: false, groups: ['Bosses'] }
  const sessions = []
  for (const question of [{ email }, { organization: organization.slug }, { connection_id: connection }])
    sessions.push((await come(question as unknown as Record<string, string>)).session!)
  expect(new Set(sessions.map(({ body }) => body.user_id)).size).toBe(1)
  expect(sessions[0]!.body.user).toMatchObject({ email, email_verified: true })
  expect(claimsOf(sessions[0]!.body.access_token)).toMatchObject({ org_id: organization.id, org_role: 'admin', amr: ['fed', 'sso'] })
  idp.account = { sub: 'eve', email: 'eve@elsewhere.example', email_verified: true }
  expect((await come({ connection_id: connection })).error).toBe('email_not_verified')
})

test('one that is being tried out is reached by its id alone', async () => {
  idp.account = { sub: 'try', email: `try@${domain}`, email_verified: true }
  await fixture.change(project.id, connection, { state: 'testing' })
  expect((await come({ connection_id: connection })).session?.status).toBe(200)
  expect((await call(`${project.base}/sso/discover`, { body: { email: `try@${domain}` } })).body.connection).toBeNull()
  await fixture.change(project.id, connection, { state: 'active' })
})

test('a provider of which the project knows nothing else is asked for a new secret when its issuer changes', async () => {
  const moved = await fixture.change(project.id, connection, { oidc: { issuer: 'https://elsewhere.example' } })
  expect(moved.status).toBe(422)
})

test('a sign-in may say which organization it is for; one that the person does not belong to changes nothing', async () => {
  const email = `${randomUUID().slice(0, 8)}@people.example`
  const made = await fixture.control.call('POST', `projects/${project.id}/users`, { email, password: PASSWORD, email_verified: true })
  const logIn = async (organizationOf: string) => {
    const answer = await call(`${project.base}/login`, { body: { email, password: PASSWORD, organization: organizationOf } })
    const again = await call(`${project.base}/refresh`, { body: { refresh_token: answer.body.refresh_token } })
    return [claimsOf(answer.body.access_token)['org_slug'], claimsOf(again.body.access_token)['org_slug']]
  }
  expect(await logIn(organization.slug)).toEqual([undefined, undefined])
  await fixture.control.call('POST', `projects/${project.id}/organizations/${organization.id}/members`, { user_id: made.body.data.id })
  expect(await logIn(organization.slug)).toEqual([organization.slug, organization.slug])
  expect(await logIn(organization.id)).toEqual([organization.slug, organization.slug])
})
