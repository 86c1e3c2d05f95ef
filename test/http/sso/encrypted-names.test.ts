import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { encryptedId, signedByHand } from '../../support/saml-by-hand.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { logoutXml, signedQuery, signedWithin } from '../../support/saml-logout.js'
import { beginSaml, bringSaml, samlConnection, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

/** Names that the identity provider encrypts for us (EncryptedID), within an assertion in the clear and within a logout request. */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let connection: { id: string; domain: string }
let slo: string
let certificate: string
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
  connection = await samlConnection(fixture, project, { saml: { slo_url: 'http://127.0.0.1:9/slo' } })
  slo = `${project.base}/sso/${connection.id}/slo`
  certificate = (await fixture.control.call('GET', `projects/${project.id}/sso/connections/${connection.id}/keys`)).body.data[0].certificate
})
afterAll(() => fixture?.close())

const CLEAR = /<saml:NameID[^>]*>.*<\/saml:NameID>/
const mail = () => `${randomUUID().slice(0, 8)}@${connection.domain}`

async function come(email: string, name: (clear: string) => string) {
  const begun = await beginSaml(project.base, { connection_id: connection.id })
  const xml = signedByHand(begun.asked, { nameId: 'in-the-clear', email }, (assertion) => assertion.replace(CLEAR, name))
  const { code, error } = await bringSaml(begun, xml)
  const session = code === null ? null : await call(`${project.base}/token/exchange`, { body: { code, code_verifier: begun.key.verifier } })
  return { error, token: session?.body.access_token as string, userId: session?.body.user_id as string }
}

test('an encrypted name is the person: the same one as in the clear, and a logout request may encrypt it too', async () => {
  const [nameId, email] = [randomUUID(), mail()]
  const encrypted = await come(email, () => encryptedId(nameId, certificate))
  expect(encrypted.error).toBeNull()
  const clear = await come(email, () => `<saml:NameID>${nameId}</saml:NameID>`)
  expect(clear.userId).toBe(encrypted.userId)
  const asked = logoutXml({ destination: slo, nameId: 'x' }).replace(CLEAR, () =>
    encryptedId(nameId, certificate).replace('<saml:EncryptedID>', '<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'))
  const lives = async (token: string) => (await call(`${project.base}/user`, { token })).status === 200
  expect((await new BrowserClient().open(`${slo}?${signedQuery(asked)}`)).status).toBe(302)
  await expect.poll(() => Promise.all([lives(encrypted.token), lives(clear.token)])).toEqual([false, false])
})

test('one that is for another key, in a weak way, beside another name, or no name, opens nothing', async () => {
  const good = (inner?: string) => encryptedId('victim', certificate, inner)
  const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
  const refused: Record<string, (clear: string) => string> = {
    'for another key': () => encryptedId('victim', OTHER_KEY.cert),
    'with RSA 1.5': () => good().replace('rsa-oaep-mgf1p', 'rsa-1_5'),
    'with Triple DES': () => good().replace('xmlenc11#aes256-gcm', 'xmlenc#tripledes-cbc'),
    'beside one in the clear': (clear) => `${good()}${clear}`,
    'twice': () => `${good()}${good()}`,
    'with two keys': () => good().replace(/<xenc:EncryptedKey>.*<\/xenc:EncryptedKey>/, (key) => `${key}${key}`),
    'of something else': () => good(`<saml:BaseID ${saml}>victim</saml:BaseID>`),
    'of a name with markup inside': () => good(`<saml:NameID ${saml}>vic<b>tim</b></saml:NameID>`),
    'of a document with a DOCTYPE': () => good(`<!DOCTYPE x><saml:NameID ${saml}>victim</saml:NameID>`),
    'of nothing': () => good(' '),
  }
  for (const [what, name] of Object.entries(refused)) expect([what, (await come(mail(), name)).error]).toEqual([what, 'server_error'])
  expect((await come(mail(), () => good())).error).toBeNull()
  for (const name of [encryptedId('victim', OTHER_KEY.cert), `${good()}<saml:NameID>victim</saml:NameID>`]) {
    const asked = logoutXml({ destination: slo, nameId: 'x' }).replace(/<saml:NameID.*<\/saml:NameID>/, () =>
      name.replaceAll(/<saml:(EncryptedID|NameID)>/g, `<saml:$1 ${saml}>`))
    const form = { SAMLRequest: Buffer.from(signedWithin(asked)).toString('base64') }
    expect((await new BrowserClient().open(slo, { form })).status).toBe(400)
  }
})
