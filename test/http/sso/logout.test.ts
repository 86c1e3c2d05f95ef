import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { IDP_ENTITY, samlXml } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { logoutXml, readSignedQuery, signedQuery, signedWithin, type SaidLogout } from '../../support/saml-logout.js'
import { beginSaml, bringSaml, samlConnection, signInBySaml, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

const IDP_SLO = 'http://127.0.0.1:9/slo'
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let connection: { id: string; domain: string }
let slo: string
let certificate: string
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
  connection = await samlConnection(fixture, project, { saml: { slo_url: IDP_SLO } })
  slo = `${project.base}/sso/${connection.id}/slo`
  certificate = (await fixture.control.call('GET', `projects/${project.id}/sso/connections/${connection.id}/keys`)).body.data[0].certificate
})
afterAll(() => fixture?.close())

const come = async (nameId: string, sessionIndex: string, id = connection.id, { base } = project, domain = connection.domain) => {
  const said = { nameId, sessionIndex, attributes: { email: `${nameId}@${domain}` } }
  const { session } = await signInBySaml(base, { connection_id: id }, said)
  expect(session?.status).toBe(200)
  return session!.body.access_token as string
}
const lives = async (token: string, base = project.base) => (await call(`${base}/user`, { token })).status === 200
const byQuery = (xml: string, options: Parameters<typeof signedQuery>[1] = {}, address = slo) =>
  new BrowserClient().open(`${address}?${signedQuery(xml, options)}`)
const byForm = (xml: string, key?: string, address = slo) => {
  const form = { SAMLRequest: Buffer.from(signedWithin(xml, key)).toString('base64'), RelayState: 'at-the-idp' }
  return new BrowserClient().open(address, { form })
}
const name = () => `p${randomUUID().slice(0, 8)}`

describe('single logout where the identity provider asks', () => {
  test('ends the session of this index and no other, and answers signed, in response to the request', async () => {
    const nameId = name()
    const [first, second, other] = [await come(nameId, 's-1'), await come(nameId, 's-2'), await come(name(), 's-1')]
    const said = { destination: slo, nameId, sessionIndexes: ['s-1'], id: '_logout-1' }
    const { status, location } = await byQuery(logoutXml(said))
    expect([status, location?.origin, location?.pathname]).toEqual([302, 'http://127.0.0.1:9', '/slo'])
    expect(location!.searchParams.get('RelayState')).toBe('at-the-idp')
    const { verified, xml } = readSignedQuery(location!, certificate)
    expect([verified, xml.includes('InResponseTo="_logout-1"'), xml.includes('status:Success')]).toEqual([true, true, true])
    expect(xml).toContain(`<saml:Issuer>${project.base}/sso/${connection.id}/metadata</saml:Issuer>`)
    await expect.poll(() => Promise.all([lives(first), lives(second), lives(other)])).toEqual([false, true, true])
    const [row] = (await fixture.audit(project.uuid, 'session.ended')).slice(-1)
    expect(row!.metadata).toMatchObject({ reason: 'sso_logout', connection_id: connection.id })
  })

  test('without an index ends all of the person at this connection; by form it is answered by a form', async () => {
    await fixture.change(project.id, connection.id, { saml: { slo_binding: 'post' } })
    const nameId = name()
    const sessions = [await come(nameId, 's-1'), await come(nameId, 's-2')]
    const page = await byForm(logoutXml({ destination: slo, nameId }))
    expect([page.status, page.text.includes(`action="${IDP_SLO}"`)]).toEqual([200, true])
    const answer = Buffer.from(/name="SAMLResponse" value="([^"]+)"/.exec(page.text)![1]!.replaceAll('&#43;', '+'), 'base64').toString()
    expect(answer).toMatch(/<samlp:LogoutResponse.*<(\w+:)?SignatureValue>.*status:Success/s)
    await expect.poll(() => Promise.all(sessions.map((token) => lives(token)))).toEqual([false, false])
    await fixture.change(project.id, connection.id, { saml: { slo_binding: 'redirect' } })
  })

  test('ends what is about to become a session too', async () => {
    const nameId = name()
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    const { code } = await bringSaml(begun, await samlXml(begun.asked, { nameId, sessionIndex: 's-9', attributes: { email: `${nameId}@${connection.domain}` } }))
    expect((await byQuery(logoutXml({ destination: slo, nameId, sessionIndexes: ['s-9'] }))).status).toBe(302)
    const late = await call(`${project.base}/token/exchange`, { body: { code, code_verifier: begun.key.verifier } })
    expect(late.status).toBe(400)
  })

  const VICTIM = name()
  const request = (more: Partial<SaidLogout> = {}) => logoutXml({ destination: slo, nameId: VICTIM, ...more })
  const minutes = (count: number) => new Date(Date.now() + count * 60_000)
  const REFUSED: Record<string, () => Promise<{ status: number; location: URL | null }>> = {
    'without a signature in the query': () => new BrowserClient().open(`${slo}?${signedQuery(request()).replace(/&Signature=.*/, '')}`),
    'without a signature in the form': () =>
      new BrowserClient().open(slo, { form: { SAMLRequest: Buffer.from(request()).toString('base64') } }),
    'signed by somebody else, in the query': () => byQuery(request(), { key: OTHER_KEY.key }),
    'signed by somebody else, in the form': () => byForm(request(), OTHER_KEY.key),
    'with SHA-1': () => byQuery(request(), { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    'of a foreign issuer': () => byQuery(request({ issuer: 'https://other.example/saml' })),
    'of a foreign issuer, in the form': () => byForm(request({ issuer: 'https://other.example/saml' })),
    'for another address': () => byQuery(request({ destination: `${slo}x` })),
    'an hour old': () => byQuery(request({ issuedAt: minutes(-60) })),
    'from the future': () => byQuery(request({ issuedAt: minutes(30) })),
    'that has run out': () => byQuery(request({ notOnOrAfter: minutes(-5) })),
    'with another name than was signed': () =>
      new BrowserClient().open(slo, { form: { SAMLRequest: Buffer.from(signedWithin(request({ nameId: 'x' })).replace('>x<', `>${VICTIM}<`)).toString('base64') } }),
    'with another relay state than was signed': () => new BrowserClient().open(`${slo}?${signedQuery(request()).replace('at-the-idp', 'elsewhere')}`),
    'with a second message': () => new BrowserClient().open(`${slo}?${signedQuery(request())}&SAMLRequest=x`),
    'with a DOCTYPE': () => byQuery(`<!DOCTYPE x>${request()}`),
    'that is a bomb': () => byQuery(`${request()}${' '.repeat(300 * 1_024)}`),
    'that is none': () => byQuery('<a/>'),
  }
  test.each(Object.entries(REFUSED))('a request %s ends nothing and is answered by a page', async (_what, bring) => {
    const token = await come(VICTIM, randomUUID())
    const { status, location } = await bring()
    expect([status, location]).toEqual([400, null])
    expect(await lives(token)).toBe(true)
  })

  test('the page of a refused request says that one may still be signed in, and where to sign out', async () => {
    const { text } = await byQuery(request({ issuedAt: minutes(-60) }))
    const shown = ['You may still be signed in to', 'and sign out there.', '/account">Your account<'].map((each) => text.includes(each))
    expect(shown).toEqual([true, true, true])
  })

  test('what was refused is in the log of the project, in our words and few times of a flood', async () => {
    const rows = async () => (await fixture.audit(project.uuid, 'sso.logout_refused')).map(({ metadata }) => metadata)
    const before = await rows()
    expect(before[0]).toMatchObject({ connection: 'Acme', problem: 'untrusted', attempts: 1 })
    expect(before[0]!['detail']).toBe('no certificate of the connection verifies the signature of the request')
    expect(JSON.stringify(before)).not.toContain(VICTIM)
    for (let time = 0; time < 8; time += 1) await byQuery(request({ destination: 'https://evil.example/' }))
    const after = await rows()
    expect(after.length - before.length).toBeLessThan(8)
    expect(JSON.stringify(after)).not.toContain('evil.example')
  })

  test('a request is taken once: shown again it ends nothing that began since', async () => {
    const nameId = name()
    await come(nameId, 's-1')
    const query = signedQuery(logoutXml({ destination: slo, nameId }))
    const answers = await Promise.all(Array.from({ length: 5 }, () => new BrowserClient().open(`${slo}?${query}`)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([302, 400, 400, 400, 400])
    const later = await come(nameId, 's-2')
    expect((await new BrowserClient().open(`${slo}?${query}`)).status).toBe(400)
    expect(await lives(later)).toBe(true)
  })

  test('at connection B, and in project B, a good request for connection A ends nothing, nor does one for a person of the same name there', async () => {
    const other = await fixture.project(['email'])
    const foreign = await samlConnection(fixture, other, { saml: { slo_url: IDP_SLO } })
    const beside = await samlConnection(fixture, project, { saml: { slo_url: IDP_SLO } })
    const nameId = name()
    const there = await come(nameId, 's-1', foreign.id, other, foreign.domain)
    const here = await come(nameId, 's-1', beside.id, project, beside.domain)
    const xml = logoutXml({ destination: slo, nameId })
    for (const address of [`${other.base}/sso/${foreign.id}/slo`, `${project.base}/sso/${beside.id}/slo`])
      expect((await byQuery(xml, {}, address)).status).toBe(400)
    expect((await byQuery(xml, {}, `${other.base}/sso/${connection.id}/slo`)).status).toBe(404)
    expect((await byQuery(xml)).status).toBe(302)
    expect([await lives(there, other.base), await lives(here)]).toEqual([true, true])
  })

  test('is not there for a connection that has none, and is named in metadata where it is', async () => {
    const plain = await samlConnection(fixture, project)
    const address = `${project.base}/sso/${plain.id}/slo`
    expect((await byQuery(logoutXml({ destination: address, nameId: 'x' }), {}, address)).status).toBe(404)
    const metadata = async (id: string) => (await fetch(`${project.base}/sso/${id}/metadata`)).text()
    expect((await metadata(plain.id)).includes('SingleLogoutService')).toBe(false)
    expect((await metadata(connection.id)).match(/SingleLogoutService Binding="[^"]+" Location="[^"]+"/g)).toHaveLength(2)
    expect(IDP_ENTITY).toContain('https')
  })
})
