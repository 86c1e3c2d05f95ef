import jwt from 'jsonwebtoken'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { IDP_ENTITY, idpMetadata, inBase64, samlXml } from '../../support/saml-idp.js'
import { IDP_KEY, OTHER_KEY } from '../../support/saml-keys.js'
import { PASSWORD } from '../../support/sign-in-fixture.js'
import {
  beginSaml,
  bringSaml,
  postSaml,
  samlConnection,
  signInBySaml,
  startSsoFixture,
  type SsoFixture,
} from '../../support/sso-fixture.js'

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { organizations: 'managed', site_url: 'https://app.example' })
})
afterAll(() => fixture?.close())

const person = (domain: string) => `${randomUUID().slice(0, 8)}@${domain}`
const claimsOf = (token: string) => jwt.decode(token) as jwt.JwtPayload

describe('SAML, with samlp as the identity provider', () => {
  test('makes an account, a member and a session that works for the organization; the second time the same person', async () => {
    const organization = await fixture.organization(project.id)
    const roles = [{ group: 'Bosses', role: 'admin' }]
    const { id, domain } = await samlConnection(fixture, project, {
      organizationId: organization.id,
      roles,
      fallback_role: 'member',
      attributes: { metadata: [{ attribute: 'department', key: 'department' }] },
    })
    const email = person(domain)
    const said = { nameId: 'ada-1', attributes: { email, displayName: 'Ada', groups: ['Staff', 'Bosses'], department: 'Bread' } }
    const first = await signInBySaml(project.base, { email }, said)
    expect(first.session).toMatchObject({ status: 200, body: { user: { email, email_verified: true, metadata: { department: 'Bread' } } } })
    const claims = claimsOf(first.session!.body.access_token)
    expect(claims).toMatchObject({ amr: ['fed', 'sso'], org_id: organization.id, org_role: 'admin' })
    // A group that is gone at the identity provider is gone here with the next sign-in, but the last admin stays.
    const lower = { ...said, attributes: { email, groups: ['Staff'] } }
    const second = await signInBySaml(project.base, { organization: organization.slug }, lower)
    expect(second.session!.body.user_id).toBe(first.session!.body.user_id)
    expect(claimsOf(second.session!.body.access_token)['org_role']).toBe('admin')
    const other = person(domain)
    const bob = (groups: string[]) =>
      signInBySaml(project.base, { connection_id: id }, { nameId: 'bob-1', attributes: { email: other, groups } })
    const third = await bob(['Bosses'])
    expect(claimsOf(third.session!.body.access_token)['org_role']).toBe('admin')
    const fourth = await bob([])
    expect(claimsOf(fourth.session!.body.access_token)['org_role']).toBe('member')
    const [row] = await fixture.audit(project.uuid, 'sso.signed_in')
    expect(row!.metadata).toMatchObject({ method: 'saml', connection: 'Acme', groups: ['Staff', 'Bosses'], created: true })
  })

  test.each(['assertion', 'response', 'both'] as const)('takes a response of which the %s is signed, by POST too', async (signed) => {
    const saml = { metadata_xml: idpMetadata({ post: signed === 'both' }), signed }
    const { id, domain } = await samlConnection(fixture, project, { saml })
    const said = { signed, nameId: `n-${signed}`, attributes: { email: person(domain) } }
    expect((await signInBySaml(project.base, { connection_id: id }, said)).session?.status).toBe(200)
    for (const other of ['assertion', 'response', 'none'] as const) {
      if (other === signed || signed === 'both') continue
      expect((await signInBySaml(project.base, { connection_id: id }, { ...said, signed: other })).error).toBe('server_error')
    }
  })

  test('the address in the NameID alone is enough, and one that only lasts for a session is not taken for a name', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const email = person(domain)
    const named = await signInBySaml(project.base, { connection_id: id }, { nameId: email })
    expect(named.session?.body.user.email).toBe(email)
    const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    const passing = (nameId: string) =>
      signInBySaml(project.base, { connection_id: id }, { nameId, nameIdFormat, attributes: { mail: email } })
    expect([(await passing('t1')).session?.body.user_id, (await passing('t2')).session?.body.user_id]).toEqual([
      named.session?.body.user_id, named.session?.body.user_id,
    ])
    expect((await signInBySaml(project.base, { connection_id: id }, { nameId: 't3', nameIdFormat })).error).toBe('server_error')
  })

  test('an account with the address is joined by the proven domain, and what a stranger left on it goes', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const stranger = await signUp(project.base, { email: person(domain) })
    const came = await signInBySaml(project.base, { connection_id: id }, { nameId: 'owner', attributes: { email: stranger.email } })
    expect(came.session?.body.user_id).toBe(stranger.userId)
    expect((await call(`${project.base}/login`, { body: { email: stranger.email, password: PASSWORD } })).status).toBe(401)
    expect((await call(`${project.base}/user`, { token: stranger.accessToken })).status).toBe(401)
  })

  test('without just-in-time creation only people who have an account come in', async () => {
    const { id, domain } = await samlConnection(fixture, project, { create_users: false })
    const email = person(domain)
    const come = () => signInBySaml(project.base, { connection_id: id }, { nameId: 'jit', attributes: { email } })
    expect((await come()).error).toBe('signups_disabled')
    await fixture.control.call('POST', `projects/${project.id}/users`, { email })
    expect((await come()).session?.status).toBe(200)
  })

  test('both keys count while the identity provider changes its own; metadata come by a guarded address', async () => {
    let xml = idpMetadata({ certificates: [IDP_KEY.cert, OTHER_KEY.cert] })
    const server = createServer((_request, response) => response.end(xml))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`
    const { id, domain } = await samlConnection(fixture, project, { saml: { metadata_url: url, metadata_xml: undefined } })
    const email = person(domain)
    const come = (keys: { key: string; cert: string }) =>
      signInBySaml(project.base, { connection_id: id }, { keys, nameId: 'k', attributes: { email } })
    expect([(await come(IDP_KEY)).error, (await come(OTHER_KEY)).error]).toEqual([null, null])
    xml = idpMetadata({ certificates: [OTHER_KEY.cert] })
    expect((await fixture.change(project.id, id, { saml: { metadata_url: url } })).status).toBe(200)
    expect([(await come(IDP_KEY)).error, (await come(OTHER_KEY)).error]).toEqual(['server_error', null])
    xml = '<nothing/>'
    expect((await fixture.change(project.id, id, { saml: { metadata_url: url } })).status).toBe(422)
    server.close()
  })

  test('a key that the identity provider has changed meanwhile is found in its metadata, without anybody doing anything', async () => {
    let xml = idpMetadata()
    let asked = 0
    const server = createServer((_request, response) => {
      asked += 1
      response.end(xml)
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`
    const { id, domain } = await samlConnection(fixture, project, { saml: { metadata_url: url, metadata_xml: undefined } })
    xml = idpMetadata({ certificates: [OTHER_KEY.cert] })
    const said = { keys: OTHER_KEY, nameId: 'k', attributes: { email: person(domain) } }
    for (let time = 0; time < 2; time += 1)
      expect((await signInBySaml(project.base, { connection_id: id }, said)).session?.status).toBe(200)
    // What is forged makes us ask at most once a minute.
    for (let time = 0; time < 3; time += 1)
      expect((await signInBySaml(project.base, { connection_id: id }, { ...said, signed: 'none' })).error).toBe('server_error')
    expect(asked).toBe(2)
    server.close()
  })

  test('our metadata name us as the requests do', async () => {
    const { id } = await samlConnection(fixture, project)
    const metadata = await fetch(`${project.base}/sso/${id}/metadata`)
    expect(metadata.headers.get('content-type')).toContain('application/samlmetadata+xml')
    const xml = await metadata.text()
    const { asked } = await beginSaml(project.base, { connection_id: id })
    expect(xml).toContain(`entityID="${asked.issuer}"`)
    expect(xml).toContain(`Location="${asked.acsUrl}"`)
  })

  test('who begins at the identity provider is shown a page, or begins here once more where that is allowed; nothing is taken from it', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const asked = { id: '', acsUrl: `${project.base}/sso/${id}/acs`, issuer: `${project.base}/sso/${id}/metadata`, relayState: '', xml: '' }
    const push = async () => {
      const xml = await samlXml(asked, { attributes: { email: person(domain) } })
      return postSaml(new BrowserClient(), asked.acsUrl, { SAMLResponse: inBase64(xml), RelayState: 'https://evil.example/' })
    }
    expect((await push()).status).toBe(400)
    await fixture.change(project.id, id, { saml: { idp_initiated: true } })
    const allowed = await push()
    expect([allowed.status, allowed.location?.href]).toEqual([302, `https://app.example/?sso_connection_id=${id}`])
  })

  test('a person who may not come in at the identity provider is told so', async () => {
    const { id } = await samlConnection(fixture, project)
    const begun = await beginSaml(project.base, { connection_id: id })
    const xml = (await samlXml(begun.asked)).replace('status:Success', 'status:Responder')
    expect((await bringSaml(begun, xml)).error).toBe('access_denied')
  })
})

describe('discovery', () => {
  test('goes by the domain alone', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const draft = await fixture.provenDomain(project)
    await fixture.connect(project.id, { name: 'Draft', protocol: 'saml', domains: [draft] })
    const discover = async (email: string) => (await call(`${project.base}/sso/discover`, { body: { email } })).body
    expect(await discover(person(domain))).toEqual({ connection: { id, name: 'Acme', protocol: 'saml' }, required: false })
    const unknown = { connection: null, required: false }
    expect([await discover(person(draft)), await discover('x@unknown.example')]).toEqual([unknown, unknown])
    for (const question of [{ email: person(draft) }, { organization: 'nobody' }, { connection_id: randomUUID() }]) {
      const query = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256', ...question }
      expect((await call(`${project.base}/sso/start?${new URLSearchParams(query as Record<string, string>)}`)).status).toBe(404)
    }
    expect(IDP_ENTITY).toContain('https')
  })
})
