import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { idpMetadata, inBase64, samlXml, type AskedSaml } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import {
  beginSaml,
  bringSaml,
  postSaml,
  samlConnection,
  signInBySaml,
  ssoStart,
  startSsoFixture,
  type SsoFixture,
} from '../../support/sso-fixture.js'
import { proofKey } from '../../support/sign-in-fixture.js'

/** What attackers try. None of it opens a session, and the log says why, in words that hold nothing of the message. */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let connection: { id: string; domain: string }
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
  connection = await samlConnection(fixture, project)
})
afterAll(() => fixture?.close())

const victim = () => ({ nameId: 'victim', attributes: { email: `victim@${connection.domain}` } })
const evil = () => ({ nameId: 'evil', attributes: { email: `ceo@${connection.domain}` } })
const assertionOf = (xml: string) => /<saml:Assertion.*<\/saml:Assertion>/s.exec(xml)![0]
const signatureOf = (xml: string) => /<Signature.*<\/Signature>/s.exec(xml)![0]
const unsigned = (assertion: string) => assertion.replace(/<Signature.*<\/Signature>/s, '')
const withOtherId = (assertion: string) => assertion.replace(/ ID="[^"]+"/, ` ID="_evil${randomUUID().replaceAll('-', '')}"`)
const signatureUri = (xml: string, id: string) => xml.replace(/Reference URI="#[^"]+"/, `Reference URI="#${id}"`)

/** Eight shapes of signature wrapping: the signed assertion is somewhere, and the one that would be read says something else. */
const WRAPPINGS: Record<string, (good: string, bad: string) => string> = {
  'a forged assertion before the signed one': (good, bad) => good.replace('<saml:Assertion', `${bad}<saml:Assertion`),
  'a forged assertion behind the signed one': (good, bad) => good.replace('</samlp:Response>', `${bad}</samlp:Response>`),
  'the signed one within the forged one': (good, bad) =>
    good.replace(assertionOf(good), bad.replace('</saml:Assertion>', `${assertionOf(good)}</saml:Assertion>`)),
  'the signed one in an Object of a signature of the forged one': (good, bad) =>
    good.replace(
      assertionOf(good),
      bad.replace('<saml:Subject>', `${signatureOf(good).replace('</Signature>', `<Object>${unsigned(assertionOf(good))}</Object></Signature>`)}<saml:Subject>`),
    ),
  'the signed one in Extensions of the response': (good, bad) =>
    good.replace(assertionOf(good), bad).replace('<samlp:Status>', `<samlp:Extensions>${assertionOf(good)}</samlp:Extensions><samlp:Status>`),
  'the whole response within another one': (good, bad) =>
    good.replace(assertionOf(good), bad).replace('</samlp:Response>', `<samlp:Extensions>${good}</samlp:Extensions></samlp:Response>`),
  'two assertions of one ID': (good, bad) => {
    const id = / ID="([^"]+)"/.exec(assertionOf(good))![1]!
    return good.replace('<saml:Assertion', `${bad.replace(/ ID="[^"]+"/, ` ID="${id}"`)}<saml:Assertion`)
  },
  'the signature moved to a forged assertion': (good, bad) => {
    const forged = bad.replace('<saml:Subject>', `${signatureOf(good)}<saml:Subject>`)
    return good.replace(assertionOf(good), forged)
  },
}

type Forge = (asked: AskedSaml) => Promise<string>
const good = (asked: AskedSaml, more: Parameters<typeof samlXml>[1] = {}) => samlXml(asked, { ...victim(), ...more })
const edited =
  (edit: (xml: string) => string): Forge =>
  async (asked) => edit(await good(asked))

const ATTACKS: Record<string, Forge> = {
  'no signature': (asked) => good(asked, { signed: 'none' }),
  'the signature taken off': edited((xml) => xml.replace(signatureOf(xml), '')),
  'a signature of somebody else': (asked) => good(asked, { keys: OTHER_KEY }),
  'the name edited after signing': edited((xml) => xml.replace('>victim<', '>admin<')),
  'a foreign issuer, signed by a key that we trust': (asked) => good(asked, { issuer: 'https://other.example/saml' }),
  'another audience': (asked) => good(asked, { audience: 'https://other.example/metadata' }),
  'another recipient': (asked) => good(asked, { recipient: `${asked.acsUrl}x` }),
  'another destination': (asked) => good(asked, { destination: 'https://other.example/acs' }),
  'an answer to another request': (asked) => good(asked, { inResponseTo: `_${'0'.repeat(40)}` }),
  'an assertion that has expired': (asked) => good(asked, { lifetimeInSeconds: -3_600 }),
  'SHA-1': (asked) => good(asked, { algorithm: 'sha1' }),
  'the algorithm none': edited((xml) => xml.replace(/SignatureMethod Algorithm="[^"]+"/, 'SignatureMethod Algorithm="none"')),
  'an HMAC with the certificate as its secret': edited((xml) =>
    xml.replace(/SignatureMethod Algorithm="[^"]+"/, 'SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"')),
  'a transform by XSLT': edited((xml) => xml.replace(/Transform Algorithm="[^"]+"/, 'Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"')),
  'a DOCTYPE': edited((xml) => `<!DOCTYPE foo>${xml}`),
  'an entity in the name': edited((xml) => `<!DOCTYPE foo [<!ENTITY e "admin">]>${xml.replace('>victim<', '>&e;<')}`),
  'a bomb of entities': edited((xml) => `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${xml.replace('>victim<', '>&b;<')}`),
  'an entity from outside': edited((xml) => `<!DOCTYPE foo [<!ENTITY e SYSTEM "file:///etc/passwd">]>${xml.replace('>victim<', '>&e;<')}`),
  'a processing instruction': edited((xml) => xml.replace('<samlp:Status>', '<?php evil ?><samlp:Status>')),
  'a CDATA section': edited((xml) => xml.replace('>victim<', '><![CDATA[admin]]><')),
  'a message of more than 256 KiB': edited((xml) => xml.replace('</samlp:Response>', `<!--${'x'.repeat(260 * 1024)}--></samlp:Response>`)),
  'elements nested a thousand deep': edited((xml) => xml.replace('<samlp:Status>', `${'<a>'.repeat(1_000)}${'</a>'.repeat(1_000)}<samlp:Status>`)),
  'a compressed message': async (asked) => (await import('node:zlib')).deflateRawSync(await good(asked)).toString('latin1'),
  'no XML at all': async () => 'admin',
  'a request instead of a response': edited((xml) => xml.replaceAll('samlp:Response', 'samlp:AuthnRequest')),
  'a version of before': edited((xml) => xml.replace('Version="2.0"', 'Version="1.1"')),
  'a signature that covers nothing': edited((xml) => signatureUri(xml, '')),
  ...Object.fromEntries(
    Object.entries(WRAPPINGS).map(([name, wrap]): [string, Forge] => [
      name,
      async (asked) => {
        const xml = await good(asked)
        const bad = withOtherId(assertionOf(await samlXml(asked, { ...evil(), signed: 'none' })))
        return wrap(xml, bad)
      },
    ]),
  ),
}

describe('a response that is forged', () => {
  test('the same one, not forged, is taken', async () => {
    expect((await signInBySaml(project.base, { connection_id: connection.id }, victim())).session?.status).toBe(200)
  })

  test.each(Object.entries(ATTACKS))('by %s, is refused', async (_what, forge) => {
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    const told = await bringSaml(begun, await forge(begun.asked))
    expect(told).toMatchObject({ status: 302, code: null, error: 'server_error' })
    const people = await fixture.owner.query<{ n: number }>(
      'select count(*)::int as n from auth.end_user where project_id = $1 and email <> $2', [project.uuid, `victim@${connection.domain}`])
    expect(people[0]!.n).toBe(0)
  })

  test('a comment within the name splits nothing off', async () => {
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    // Canonical XML has no comments, so the signature still holds (CVE-2017-11427 and its like).
    const nameId = `victim@${connection.domain}.evil.example`
    const xml = (await samlXml(begun.asked, { nameId })).replace(`>${nameId}<`, `>victim@${connection.domain}<!-- -->.evil.example<`)
    expect(await bringSaml(begun, xml)).toMatchObject({ code: null, error: 'email_not_verified' })
  })

  test('every refusal is in the log, with its reason and without the message', async () => {
    const rows = await fixture.audit(project.uuid, 'sign_in.refused')
    const details = rows.map(({ metadata }) => metadata['detail'])
    expect(rows.every(({ metadata }) => metadata['method'] === 'saml')).toBe(true)
    expect(details).toContain('no certificate of the connection verifies the signature, or it does not cover what it should')
    expect(JSON.stringify(rows)).not.toContain('victim')
  })
})

describe('a response that is stolen or misled', () => {
  test('is taken once, by the browser that began and by no other, and never again', async () => {
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    const xml = await good(begun.asked)
    const form = { SAMLResponse: inBase64(xml), RelayState: begun.asked.relayState }
    const thief = await postSaml(new BrowserClient(), begun.asked.acsUrl, form)
    expect([thief.status, thief.location]).toEqual([400, null])
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => bringSaml(begun, xml)))
    expect(atOnce.filter(({ code }) => code !== null)).toHaveLength(1)
    expect((await bringSaml(begun, xml)).status).toBe(400)
    // In a second flow of the same browser it answers another request.
    const again = await beginSaml(project.base, { connection_id: connection.id }, begun.browser)
    expect((await bringSaml(again, xml)).error).toBe('server_error')
  })

  test('of connection A opens nothing at connection B, and of project A nothing in project B', async () => {
    const second = await samlConnection(fixture, project)
    const other = await fixture.project(['email'])
    const third = await samlConnection(fixture, other)
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    const xml = await good(begun.asked)
    for (const [base, id] of [[project.base, second.id], [other.base, third.id], [other.base, connection.id]] as const) {
      const fields = { SAMLResponse: inBase64(xml), RelayState: begun.asked.relayState }
      const astray = await postSaml(begun.browser, `${base}/sso/${id}/acs`, fields)
      expect([astray.status, astray.location]).toEqual([400, null])
      // Nor does a flow that began there help: what it carries was made for here.
      if (id === connection.id) continue
      const there = await beginSaml(base, { connection_id: id }, begun.browser)
      expect((await bringSaml(there, await good(begun.asked, { inResponseTo: there.asked.id }))).error).toBe('server_error')
    }
  })

  test('leads to the URLs of the project and nowhere else, whatever it says', async () => {
    const begun = await beginSaml(project.base, { connection_id: connection.id })
    expect((await bringSaml(begun, await good(begun.asked), 'https://evil.example/')).status).toBe(400)
    const start = await call(ssoStart(project.base, proofKey(), { connection_id: connection.id, redirect_to: 'https://evil.example/' }))
    expect(start.status).toBe(422)
  })
})

describe('an identity provider that says more than it may', () => {
  test('an address outside its proven domains joins no account and makes none', async () => {
    const outside = `${randomUUID().slice(0, 8)}@bank.example`
    await fixture.control.call('POST', `projects/${project.id}/users`, { email: outside })
    for (const email of [outside, 'nobody@bank.example', `x@sub.${connection.domain}`, `x@${connection.domain}.evil.example`]) {
      const told = await signInBySaml(project.base, { connection_id: connection.id }, { nameId: email, attributes: { email } })
      expect([email, told.error]).toEqual([email, 'email_not_verified'])
    }
  })

  test('a domain is claimed with proof only, by one owner and one connection', async () => {
    const at = (path: string) => `projects/${project.id}/${path}`
    const organization = await fixture.organization(project.id)
    const domain = await fixture.provenDomain(project)
    // Somebody else names it too.
    const again = await fixture.control.call('POST', at('email-domains'), { domain, organization_id: organization.id })
    expect([again.status, again.body.error.code]).toEqual([409, 'conflict'])
    const make = (body: Record<string, unknown>) =>
      fixture.control.call('POST', at('sso/connections'), { name: 'B', protocol: 'saml', saml: { metadata_xml: idpMetadata() }, ...body })
    const code = ({ status, body }: Awaited<ReturnType<typeof make>>) => `${status} ${body.error?.details?.[0]?.code}`
    expect(code(await make({ domains: [domain], organization_id: organization.id }))).toBe('422 unknown')
    expect(code(await make({ domains: ['never-added.example'] }))).toBe('422 unknown')
    await fixture.control.call('POST', at('email-domains'), { domain: 'unproven.example' })
    expect(code(await make({ domains: ['unproven.example'] }))).toBe('422 not_verified')
    expect(code(await make({ domains: [connection.domain] }))).toBe('409 taken')
    expect((await make({ domains: [domain] })).status).toBe(201)
  })
})
