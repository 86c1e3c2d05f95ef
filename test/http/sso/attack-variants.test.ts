import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { responseByHand, signedByHand, assertionByHand } from '../../support/saml-by-hand.js'
import { inBase64, samlXml, type AskedSaml } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { signedWithin } from '../../support/saml-logout.js'
import { beginSaml, bringSaml, postSaml, samlConnection, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

/** What attackers try besides (attacks.test.ts has what everybody tries): messages that a careless or hostile identity provider signs. */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let connection: { id: string; domain: string }
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
  connection = await samlConnection(fixture, project)
})
afterAll(() => fixture?.close())

const victim = () => ({ nameId: 'victim', email: `victim@${connection.domain}` })
const bring = async (forge: (asked: AskedSaml) => string | Promise<string>) => {
  const begun = await beginSaml(project.base, { connection_id: connection.id })
  return bringSaml(begun, await forge(begun.asked))
}
const people = async () =>
  (await fixture.owner.query<{ email: string }>('select email from auth.end_user where project_id = $1', [project.uuid])).map(({ email }) => email)

const inFuture = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString()
const audience = (...all: string[]) => `<saml:AudienceRestriction>${all.map((each) => `<saml:Audience>${each}</saml:Audience>`).join('')}</saml:AudienceRestriction>`
const restriction = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/
const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/
const SAID = 'The provider is not set up correctly, or its answer could not be trusted.'
type Edit = (assertion: string, asked: AskedSaml) => string

describe('a signed assertion', () => {
  const TAKEN: Record<string, Edit> = {
    'as it should be': (assertion) => assertion,
    'with our audience as the second of a list': (assertion, { issuer }) => assertion.replace(restriction, audience('https://other.example', issuer)),
    'with two restrictions that both name us': (assertion, { issuer }) => assertion.replace(restriction, audience(issuer) + audience('https://x.example', issuer)),
    'with a second confirmation that is for another address': (assertion, { acsUrl }) =>
      assertion.replace(confirmation, (one) => one.replace(acsUrl, 'https://other.example/acs') + one),
    'with a time zone in its times': (assertion) => assertion.replace(/NotOnOrAfter="([^"]+)Z"/g, 'NotOnOrAfter="$1+00:00"'),
    'with an address in capitals': (assertion) => assertion.replace(`victim@${connection.domain}`, `VICTIM@${connection.domain.toUpperCase()}`),
  }
  test.each(Object.entries(TAKEN))('%s, is taken, for one and the same person', async (_what, edit) => {
    const told = await bring((asked) => signedByHand(asked, victim(), (assertion) => edit(assertion, asked)))
    expect(told).toMatchObject({ status: 302, error: null, code: expect.any(String) })
    expect(await people()).toEqual([`victim@${connection.domain}`])
  })

  const REFUSED: Record<string, Edit> = {
    'with two restrictions of which one names others': (assertion) => assertion.replace(restriction, (one) => one + audience('https://other.example')),
    'with no audience at all': (assertion) => assertion.replace(restriction, ''),
    'with an empty audience': (assertion) => assertion.replace(restriction, audience('')),
    'with an audience that only begins like ours': (assertion, { issuer }) => assertion.replace(restriction, audience(`${issuer}/x`)),
    'with an audience in capitals': (assertion, { issuer }) => assertion.replace(restriction, audience(issuer.toUpperCase())),
    'without conditions': (assertion) => assertion.replace(/<saml:Conditions.*<\/saml:Conditions>/, ''),
    'with conditions twice': (assertion) => assertion.replace(/<saml:Conditions.*<\/saml:Conditions>/, '$&$&'),
    'without a confirmation': (assertion) => assertion.replace(confirmation, ''),
    'confirmed for whoever holds a key': (assertion) => assertion.replace('cm:bearer', 'cm:holder-of-key'),
    'confirmed by whoever vouches for the sender': (assertion) => assertion.replace('cm:bearer', 'cm:sender-vouches'),
    'without a recipient': (assertion) => assertion.replace(/ Recipient="[^"]+"/, ''),
    'without the request that it answers': (assertion) => assertion.replace(/ InResponseTo="[^"]+"/, ''),
    'confirmed without an end': (assertion) => assertion.replace(/(<saml:SubjectConfirmationData.*?) NotOnOrAfter="[^"]+"/, '$1'),
    'confirmed for a year': (assertion) => assertion.replace(/(<saml:SubjectConfirmationData.*?NotOnOrAfter=")[^"]+/, `$1${inFuture(31_536_000)}`),
    'confirmed until just now': (assertion) => assertion.replace(/(<saml:SubjectConfirmationData.*?NotOnOrAfter=")[^"]+/, `$1${inFuture(-120)}`),
    'that is not valid yet': (assertion) => assertion.replace(/NotBefore="[^"]+"/, `NotBefore="${inFuture(120)}"`),
    'whose times are none': (assertion) => assertion.replace(/NotOnOrAfter="[^"]+"/g, 'NotOnOrAfter="tomorrow"'),
    'of a session that is over': (assertion) => assertion.replace('SessionIndex=', `SessionIndex="s" SessionNotOnOrAfter="${inFuture(-120)}" X=`),
    'that says of nobody that they signed in': (assertion) => assertion.replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, ''),
    'with two names': (assertion) => assertion.replace(/<saml:NameID>.*<\/saml:NameID>/, '$&<saml:NameID>admin</saml:NameID>'),
    'without a name': (assertion) => assertion.replace(/<saml:NameID>.*<\/saml:NameID>/, ''),
    'with an empty name': (assertion) => assertion.replace('>victim</saml:NameID>', '></saml:NameID>'),
    'with a name of 300 letters': (assertion) => assertion.replace('>victim<', `>${'v'.repeat(300)}<`),
    'with two subjects': (assertion) => assertion.replace(/<saml:Subject>.*<\/saml:Subject>/, '$&$&'),
    'with two issuers': (assertion) => assertion.replace(/<saml:AuthnStatement/, '<saml:Issuer>https://other.example</saml:Issuer>$&'),
    'of SAML 1.1': (assertion) => assertion.replace('Version="2.0"', 'Version="1.1"'),
    'with an element of the same ID, spelled Id': (assertion) =>
      assertion.replace('<saml:AttributeStatement>', `<saml:AttributeStatement Id="${/ ID="([^"]+)"/.exec(assertion)![1]!}">`),
  }
  test.each(Object.entries(REFUSED))('%s, is refused, and the log says why', async (_what, edit) => {
    const told = await bring((asked) => signedByHand(asked, victim(), (assertion) => edit(assertion, asked)))
    expect(told).toMatchObject({ status: 302, code: null, error: 'server_error' })
    // For the app a word and a sentence of ours, the same for all of them; the detail is for the operator.
    const said = Object.fromEntries(told.landed!.searchParams)
    expect(said).toEqual({ error: 'server_error', error_description: SAID, state: 'app-state' })
    const row = (await fixture.audit(project.uuid, 'sign_in.refused')).at(-1)!.metadata
    expect(row).toMatchObject({ method: 'saml', reason: 'server_error', detail: expect.stringMatching(/^[a-z ,.;A-Z0-9]+$/) })
  })

  const REARRANGED: Record<string, (asked: AskedSaml) => string> = {
    'two good assertions': (asked) => responseByHand(asked, [1, 2].map(() => signedWithin(assertionByHand(asked, victim()))).join('')),
    'the same one twice': (asked) => {
      const one = signedWithin(assertionByHand(asked, victim()))
      return responseByHand(asked, one + one)
    },
    'a good one, and one that nobody signed, under another namespace': (asked) =>
      responseByHand(asked, `${signedWithin(assertionByHand(asked, victim()))}<x:Assertion xmlns:x="urn:x"></x:Assertion>`),
    'two signatures, of which one is somebody else’s': (asked) => {
      const text = assertionByHand(asked, victim())
      const foreign = /<ds:Signature .*<\/ds:Signature>/.exec(signedWithin(text, OTHER_KEY.key))![0]
      return responseByHand(asked, signedWithin(text).replace('<ds:Signature ', `${foreign}<ds:Signature `))
    },
    'a signature with two references': (asked) =>
      responseByHand(asked, signedWithin(assertionByHand(asked, victim())).replace(/<ds:Reference .*<\/ds:Reference>/, '$&$&')),
    'a signature whose reference is an XPointer': (asked) =>
      responseByHand(asked, signedWithin(assertionByHand(asked, victim())).replace(/URI="#([^"]+)"/, `URI="#xpointer(id('$1'))"`)),
    'the key in the message': (asked) => {
      const base64 = OTHER_KEY.cert.replace(/-----[^-]+-----|\s/g, '')
      const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
      return responseByHand(asked, signedWithin(assertionByHand(asked, victim()), OTHER_KEY.key).replace('</ds:Signature>', `${info}</ds:Signature>`))
    },
    'another attribute of the kind that identifies (xml:id)': (asked) => {
      const signed = signedWithin(assertionByHand(asked, victim()))
      return responseByHand(asked, signed).replace('<samlp:Status>', `<samlp:Status xml:id="${/ ID="([^"]+)"/.exec(signed)![1]!}">`)
    },
    'an assertion in place of a response': (asked) => signedWithin(assertionByHand(asked, victim())),
    'a million attributes': (asked) =>
      signedByHand(asked, victim()).replace('<samlp:Status>', `<samlp:Status ${Array.from({ length: 30_000 }, (_, n) => `a${n}=""`).join(' ')}>`),
  }
  test.each(Object.entries(REARRANGED))('in a message of %s, opens nothing', async (_what, forge) => {
    expect(await bring(forge)).toMatchObject({ status: 302, code: null, error: 'server_error' })
  })
})

describe('an address outside the proven domain', () => {
  const ALIKE: Record<string, (domain: string) => string> = {
    'of a subdomain': (domain) => `ceo@sub.${domain}`,
    'of the domain above': (domain) => `ceo@${domain.split('.').slice(1).join('.')}`,
    'with ours as the end of a longer label': (domain) => `ceo@evil${domain}`,
    'with ours before another': (domain) => `ceo@${domain}.evil.example`,
    'with a Cyrillic letter': (domain) => `ceo@${domain.replace('a', '\u0430')}`,
    'in A-labels of such a letter': (domain) => `ceo@xn--${domain.split('.')[0]}-4ve.acme.example`,
    'with a dot at the end': (domain) => `ceo@${domain}.`,
    'with wide letters': (domain) => `ceo@${domain.replace('acme', '\uff41cme')}`,
    'with an ideographic full stop': (domain) => `ceo@${domain.replace('.', '\u3002')}`,
    'with an invisible letter': (domain) => `ceo@ac\u200bme.${domain}`,
    'of two': (domain) => `ceo@evil.example, ceo@${domain}`,
    'with two @': (domain) => `ceo@evil.example@${domain}`,
    'with a quoted part': (domain) => `"ceo@evil.example"@${domain}`,
    'with a comment': (domain) => `ceo(@evil.example)@${domain}`,
    'with a line break': (domain) => `ceo@evil.example\n@${domain}`,
    'with a percent sign of old relays': (domain) => `ceo%evil.example%00@x.${domain}`,
  }
  test.each(Object.entries(ALIKE))('%s, makes no account and joins none', async (_what, address) => {
    const before = await people()
    const said = { nameId: randomUUID(), email: address(connection.domain).replace(/[<>&]/g, '') }
    const told = await bring((asked) => signedByHand(asked, said))
    expect(told.code).toBeNull()
    expect(['email_not_verified', 'email_missing']).toContain(told.error)
    expect(await people()).toEqual(before)
  })
})

describe('a flow', () => {
  test('that somebody else began, pushed upon a browser (login CSRF), signs nobody in: neither by its state nor within a flow of their own', async () => {
    const attacker = await beginSaml(project.base, { connection_id: connection.id })
    const xml = signedByHand(attacker.asked, victim())
    const other = await beginSaml(project.base, { connection_id: connection.id })
    const { acsUrl, relayState } = attacker.asked
    const pushed = await postSaml(other.browser, acsUrl, { SAMLResponse: inBase64(xml), RelayState: relayState })
    expect([pushed.status, pushed.location]).toEqual([400, null])
    expect(await bringSaml(other, xml)).toMatchObject({ code: null, error: 'server_error' })
    // The attacker's own flow was not disturbed.
    expect((await bringSaml(attacker, xml)).code).toEqual(expect.any(String))
  })

  test('that begins at the identity provider, while that is off, is not taken with any state', async () => {
    const asked = { id: '', acsUrl: `${project.base}/sso/${connection.id}/acs`, issuer: `${project.base}/sso/${connection.id}/metadata`, relayState: '', xml: '' }
    const { domain } = connection
    const xml = await samlXml(asked, { nameId: 'victim', attributes: { email: `victim@${domain}` } })
    for (const RelayState of ['', 'https://evil.example/', randomUUID()]) {
      const page = await postSaml(new BrowserClient(), asked.acsUrl, { SAMLResponse: inBase64(xml), RelayState })
      expect([page.status, page.location]).toEqual([400, null])
    }
    // Within a flow of ours it answers no request of ours.
    expect(await bring(() => xml)).toMatchObject({ code: null, error: 'server_error' })
  })

  test('is ended once: of twenty posts at once at two data planes one opens a session, and a code of it is worth one session', async () => {
    let second: RunningDataPlane | undefined
    try {
      second = await startDataPlane(fixture.control.database, { publicUrl: fixture.dataUrl })
      const begun = await beginSaml(project.base, { connection_id: connection.id })
      const fields = { SAMLResponse: inBase64(signedByHand(begun.asked, victim())), RelayState: begun.asked.relayState, again: '1' }
      const cookie = begun.browser.cookieHeader(project.base)
      const path = begun.asked.acsUrl.slice(fixture.dataUrl.length)
      const post = async (origin: string) => {
        const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
        const answer = await fetch(origin + path, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(fields) })
        const location = answer.headers.get('location')
        return location === null ? null : new URL(location).searchParams.get('code')
      }
      const origins = [fixture.dataUrl, second.url]
      const codes = (await Promise.all(Array.from({ length: 20 }, (_, n) => post(origins[n % 2]!)))).filter((code) => code !== null)
      expect(codes).toHaveLength(1)
      const redeem = (origin: string) =>
        call(`${origin}${project.base.slice(fixture.dataUrl.length)}/token/exchange`, { body: { code: codes[0], code_verifier: begun.key.verifier } })
      const sessions = await Promise.all(Array.from({ length: 6 }, (_, n) => redeem(origins[n % 2]!)))
      expect(sessions.filter(({ status }) => status === 200)).toHaveLength(1)
    } finally {
      await second?.close()
    }
  })
})
