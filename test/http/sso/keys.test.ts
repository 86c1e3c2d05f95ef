import { randomUUID, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { idpMetadata, samlXml, type SaidSaml } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { readSignedQuery } from '../../support/saml-logout.js'
import { proofKey } from '../../support/sign-in-fixture.js'
import {
  beginSaml,
  bringSaml,
  samlConnection,
  signInBySaml,
  ssoStart,
  startSsoFixture,
  type SsoFixture,
} from '../../support/sso-fixture.js'

interface OwnKey {
  id: string
  certificate: string
  signs: boolean
}

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
})
afterAll(() => fixture?.close())

const at = (connection: string, path = '') => `projects/${project.id}/sso/connections/${connection}/keys${path}`
const make = async (connection: string) => (await fixture.control.call('POST', at(connection))).body.data as OwnKey
const list = async (connection: string) => (await fixture.control.call('GET', at(connection))).body.data as OwnKey[]
const metadata = async (connection: string) => (await fetch(`${project.base}/sso/${connection}/metadata`)).text()
const base64Of = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')
const uses = (xml: string, { certificate }: OwnKey) =>
  [...xml.matchAll(/KeyDescriptor use="(\w+)".*?X509Certificate>([^<]+)</gs)].flatMap(([, use, base64]) => (base64 === base64Of(certificate) ? [use] : []))

describe('signed requests', () => {
  test('by redirect and by POST, with a key that stands in our metadata; it is changed without an outage', async () => {
    const { id } = await samlConnection(fixture, project, { saml: { sign_requests: true } })
    const [first] = await list(id)
    expect(first).toMatchObject({ signs: true })
    // The app, and not us: the company's administrator reads it.
    expect(new X509Certificate(first!.certificate).subject).toBe('CN=Blue Bakery')
    const own = await metadata(id)
    expect([own.includes('AuthnRequestsSigned="true"'), uses(own, first!)]).toEqual([true, ['signing', 'encryption']])
    const signedBy = async ({ certificate }: OwnKey) => {
      const { location } = await new BrowserClient().open(ssoStart(project.base, proofKey(), { connection_id: id }))
      return readSignedQuery(location!, certificate).verified
    }
    expect(await signedBy(first!)).toBe(true)
    const second = await make(id)
    expect((await fixture.control.call('POST', at(id))).status).toBe(409)
    const both = await metadata(id)
    expect([uses(both, first!), uses(both, second)]).toEqual([['signing', 'encryption'], ['signing', 'encryption']])
    expect([await signedBy(first!), await signedBy(second)]).toEqual([true, false])
    expect((await fixture.control.call('DELETE', at(id, `/${first!.id}`))).status).toBe(422)
    expect((await fixture.control.call('POST', at(id, `/${second.id}/use`))).body.data).toMatchObject({ id: second.id, signs: true })
    expect([await signedBy(first!), await signedBy(second)]).toEqual([false, true])
    expect((await fixture.control.call('DELETE', at(id, `/${first!.id}`))).status).toBe(200)
    expect((await list(id)).map((key) => [key.id, key.signs])).toEqual([[second.id, true]])
    expect((await fixture.control.call('DELETE', at(id, `/${second.id}`))).status).toBe(422)
    await fixture.change(project.id, id, { saml: { metadata_xml: idpMetadata({ post: true }) } })
    const { asked } = await beginSaml(project.base, { connection_id: id })
    expect(asked.xml).toMatch(/<(\w+:)?Signature[ >].*rsa-sha256.*<\/samlp:AuthnRequest>$/s)
    for (const action of ['sso.key_created', 'sso.key_used', 'sso.key_removed'])
      expect([action, (await fixture.audit(project.uuid, action)).length]).toEqual([action, 1])
  })

  test('are asked for by metadata that want them; without a key nothing is signed and metadata name none', async () => {
    const xml = idpMetadata().replace('<md:IDPSSODescriptor ', '<md:IDPSSODescriptor WantAuthnRequestsSigned="true" ')
    const wanting = await samlConnection(fixture, project, { saml: { metadata_xml: xml } })
    expect(await list(wanting.id)).toHaveLength(1)
    const plain = await samlConnection(fixture, project)
    expect([await list(plain.id), (await metadata(plain.id)).includes('KeyDescriptor')]).toEqual([[], false])
    const { location } = await new BrowserClient().open(ssoStart(project.base, proofKey(), { connection_id: plain.id }))
    expect(location!.searchParams.get('Signature')).toBeNull()
    expect((await fixture.control.call('GET', at(randomUUID()))).status).toBe(404)
  })

  test('of six who make a key at once two do, and one signs', async () => {
    const { id } = await samlConnection(fixture, project)
    const made = await Promise.all(Array.from({ length: 6 }, () => fixture.control.call('POST', at(id))))
    expect(made.map(({ status }) => status).toSorted()).toEqual([201, 201, 409, 409, 409, 409])
    expect((await list(id)).filter(({ signs }) => signs)).toHaveLength(1)
  })
})

describe('encrypted assertions', () => {
  const person = (domain: string): SaidSaml => ({ nameId: randomUUID(), attributes: { email: `${randomUUID().slice(0, 8)}@${domain}` } })

  test('are opened with either of our keys while one takes the place of the other', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const come = (encryptFor: string, more: SaidSaml = {}) =>
      signInBySaml(project.base, { connection_id: id }, { ...person(domain), encryptFor, ...more })
    const first = await make(id)
    expect((await come(first.certificate)).session?.status).toBe(200)
    expect((await come(first.certificate, { signed: 'both' })).session?.status).toBe(200)
    expect((await come(first.certificate, { signed: 'response' })).session?.status).toBe(200)
    const second = await make(id)
    expect([(await come(first.certificate)).error, (await come(second.certificate)).error]).toEqual([null, null])
    await fixture.control.call('POST', at(id, `/${second.id}/use`))
    await fixture.control.call('DELETE', at(id, `/${first.id}`))
    expect([(await come(first.certificate)).error, (await come(second.certificate)).error]).toEqual(['server_error', null])
  })

  test('are not taken for signed, and what is inside is looked at like everything else', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const { certificate: encryptFor } = await make(id)
    const bring = async (said: SaidSaml, edit: (xml: string) => string = (xml) => xml) => {
      const begun = await beginSaml(project.base, { connection_id: id })
      return (await bringSaml(begun, edit(await samlXml(begun.asked, { ...person(domain), encryptFor, ...said })))).error
    }
    const all: Record<string, Promise<string | null>> = {
      'without a signature inside': bring({ signed: 'none' }),
      'signed by somebody else': bring({ keys: OTHER_KEY }),
      'with SHA-1 inside': bring({ algorithm: 'sha1' }),
      'for another audience': bring({ audience: 'https://other.example/metadata' }),
      'for a key that is not ours': bring({ encryptFor: OTHER_KEY.cert }),
      'with RSA 1.5': bring({}, (xml) => xml.replace('xmlenc#rsa-oaep-mgf1p', 'xmlenc#rsa-1_5')),
      'with Triple DES': bring({}, (xml) => xml.replace('xmlenc11#aes256-gcm', 'xmlenc#tripledes-cbc')),
      'with a changed letter': bring({}, (xml) => xml.replace(/(<\w+:CipherValue>.{400})(.)/s, (_all, before: string, one: string) => before + (one === 'A' ? 'B' : 'A'))),
      'beside one in the clear': bring({}, (xml) => xml.replace('<saml:EncryptedAssertion', '<saml:Assertion ID="_x" Version="2.0"></saml:Assertion><saml:EncryptedAssertion')),
    }
    for (const [what, error] of Object.entries(all)) expect([what, await error]).toEqual([what, 'server_error'])
    expect((await bring({})) ?? 'taken').toBe('taken')
  })

  test('for connection A open nothing at connection B', async () => {
    const [a, b] = [await samlConnection(fixture, project), await samlConnection(fixture, project)]
    const { certificate } = await make(a.id)
    await make(b.id)
    const told = await signInBySaml(project.base, { connection_id: b.id }, { ...person(b.domain), encryptFor: certificate })
    expect(told.error).toBe('server_error')
  })
})
