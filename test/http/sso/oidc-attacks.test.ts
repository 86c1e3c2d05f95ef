import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startHostileIssuer, type HostileIssuer } from '../../support/oidc-server.js'
import { proofKey, type ProofKey } from '../../support/sign-in-fixture.js'
import { ssoStart, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

/** A connection whose OpenID provider says what a test wants; test/http/oauth/attacks.test.ts has the same for social sign-in. */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
let idp: HostileIssuer
let other: HostileIssuer
let connection: { id: string; domain: string }
let beside: { id: string; domain: string }
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
  ;[idp, other] = [await startHostileIssuer(), await startHostileIssuer()]
  const connect = async (issuer: string) => {
    const domain = await fixture.provenDomain(project)
    const oidc = { issuer, client_id: 'client', client_secret: 'secret' }
    const { id } = await fixture.connect(project.id, { name: 'Acme', protocol: 'oidc', state: 'active', domains: [domain], oidc })
    return { id, domain }
  }
  ;[connection, beside] = [await connect(idp.issuer), await connect(other.issuer)]
})
afterAll(async () => {
  await idp?.close()
  await other?.close()
  await fixture?.close()
})
beforeEach(() => {
  idp.fault = 'none'
  idp.claims = {}
  idp.account = person()
})

const person = () => ({ sub: randomUUID(), email: `${randomUUID().slice(0, 8)}@${connection.domain}` })

interface Begun {
  browser: BrowserClient
  key: ProofKey
  asked: URLSearchParams
}

async function begin(of = connection, server = idp): Promise<Begun> {
  const browser = new BrowserClient()
  const key = proofKey()
  const { location } = await browser.open(ssoStart(project.base, key, { connection_id: of.id }))
  server.lastRequest = location!.searchParams
  return { browser, key, asked: location!.searchParams }
}

async function bring({ browser, asked }: Begun, more: Record<string, string> = {}, of = connection) {
  const fields = { code: 'any', state: asked.get('state') ?? '', iss: idp.issuer, ...more }
  const { status, location } = await browser.open(`${project.base}/sso/${of.id}/callback?${new URLSearchParams(fields)}`)
  return { status, location, code: location?.searchParams.get('code') ?? null, error: location?.searchParams.get('error') ?? null }
}

async function come(): Promise<{ error: string | null; userId: string | null }> {
  const begun = await begin()
  const { code, error } = await bring(begun)
  if (code === null) return { error, userId: null }
  const session = await call(`${project.base}/token/exchange`, { body: { code, code_verifier: begun.key.verifier } })
  return { error, userId: session.body.user_id as string }
}

const people = async () => (await fixture.owner.query('select 1 from auth.end_user where project_id = $1', [project.uuid])).length
const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')

describe('an ID token', () => {
  const TAKEN: Record<string, Record<string, unknown>> = {
    'that says nothing of the address': { email_verified: undefined },
    // The proof of the domain vouches for an address in it, so what the provider says of it changes nothing.
    'whose address is not verified': { email_verified: false },
    'whose address is verified in a string': { email_verified: 'true' },
    'with a right digest of the access token': { at_hash: half('a') },
    'for us among others, whom it names as the party that asked': { aud: ['client', 'another'], azp: 'client' },
    'for us alone, in a list': { aud: ['client'] },
  }
  test.each(Object.entries(TAKEN))('%s, is taken', async (_what, claims) => {
    idp.claims = claims
    expect((await come()).error).toBeNull()
  })

  const REFUSED: Record<string, Record<string, unknown>> = {
    'for others alone, in a list': { aud: ['another', 'third'] },
    'for us among others, on behalf of another party': { aud: ['client', 'another'], azp: 'another' },
    'for nobody': { aud: undefined },
    'of another issuer': { iss: 'https://login.evil.example' },
    'of an issuer with a slash more': { get iss() { return `${idp.issuer}/` } },
    'of no issuer': { iss: undefined },
    'of another flow': { nonce: 'another' },
    'of no flow': { nonce: undefined },
    'with a nonce that is no text': { nonce: 7 },
    'without a subject': { sub: undefined },
    'whose subject is a number': { sub: 7 },
    'whose subject is too long': { sub: 'x'.repeat(300) },
    'that is good from tomorrow on': { nbf: Math.floor(Date.now() / 1_000) + 86_400 },
  }
  test.each(Object.entries(REFUSED))('%s, makes no account and opens none', async (_what, claims) => {
    const before = await people()
    idp.claims = { ...claims }
    expect(await come()).toEqual({ error: 'server_error', userId: null })
    expect(await people()).toBe(before)
    const row = (await fixture.audit(project.uuid, 'sign_in.refused')).at(-1)!.metadata
    expect(row).toMatchObject({ method: 'oidc', reason: 'server_error', problem: 'untrusted' })
  })

  const FAULTS = ['nonce', 'alg_none', 'signature', 'issuer', 'audience', 'expired'] as const
  test.each(FAULTS)('with a wrong %s makes no account', async (fault) => {
    idp.fault = fault
    expect(await come()).toEqual({ error: 'server_error', userId: null })
  })

  test.each<[string, unknown]>([
    ['outside the domain, verified or not', 'ceo@bank.example'],
    ['that is a list', ['ceo@bank.example']],
    ['that is an object', { value: 'ceo@bank.example' }],
    ['of a subdomain', 'ceo@sub.bank.example'],
  ])('with an address %s joins no account', async (_what, email) => {
    const before = await people()
    idp.claims = { email, email_verified: true }
    expect(['email_not_verified', 'email_missing']).toContain((await come()).error)
    expect(await people()).toBe(before)
  })
})

describe('who somebody is', () => {
  test('goes by the subject, whatever the address says later; another subject with the address is the mailbox of today', async () => {
    const ada = person()
    idp.account = ada
    const first = await come()
    idp.account = { ...ada, email: person().email }
    expect((await come()).userId).toBe(first.userId)
    // The company gives a mailbox to whom it likes: the account goes with the mailbox, as it would by a mailed link.
    idp.account = { ...ada, sub: randomUUID() }
    expect((await come()).userId).toBe(first.userId)
    // A subject that is known stays its person, though it names the address of somebody else.
    const eve = person()
    idp.account = eve
    const own = await come()
    idp.account = { ...eve, email: ada.email }
    expect([(await come()).userId, own.userId === first.userId]).toEqual([own.userId, false])
  })

  test('is compared letter by letter: a subject in capitals is somebody else', async () => {
    const subject = `abc-${randomUUID()}`
    idp.account = { ...person(), sub: subject }
    const first = await come()
    idp.account = { ...person(), sub: subject.toUpperCase() }
    expect((await come()).userId).not.toBe(first.userId)
  })
})

describe('an answer', () => {
  test('of another browser’s flow, of another connection, or brought twice, is worth nothing', async () => {
    const attacker = await begin()
    const victim = await begin()
    expect((await bring({ ...victim, asked: attacker.asked })).status).toBe(400)
    expect((await bring(attacker, {}, beside)).status).toBe(400)
    idp.lastRequest = attacker.asked
    expect((await bring(attacker)).code).toEqual(expect.any(String))
    expect((await bring(attacker)).status).toBe(400)
  })

  test.each<[string, () => string | null]>([
    ['names the other provider', () => other.issuer],
    ['names a lookalike', () => `${idp.issuer}/`],
    ['names none, although the provider promises one', () => null],
  ])('that %s (mix-up) is refused before its code is redeemed', async (_what, iss) => {
    const begun = await begin()
    const before = [idp.redeemed, other.redeemed]
    const said = iss()
    const fields = new URLSearchParams({ code: 'any', state: begun.asked.get('state') ?? '', ...(said !== null && { iss: said }) })
    const { location } = await begun.browser.open(`${project.base}/sso/${connection.id}/callback?${fields}`)
    expect(location!.searchParams.get('error')).toBe('server_error')
    expect([idp.redeemed, other.redeemed]).toEqual(before)
  })

  test('that the provider posts to the address of a SAML connection, or a response that is brought to one of OpenID Connect, is none', async () => {
    const begun = await begin()
    const form = { SAMLResponse: Buffer.from('<a/>').toString('base64'), RelayState: begun.asked.get('state') ?? '', again: '1' }
    const { status, location } = await begun.browser.open(`${project.base}/sso/${connection.id}/acs`, { form })
    expect([status, location?.searchParams.get('error')]).toEqual([302, 'server_error'])
  })

  test('with an error of the provider comes to the app as a word of ours', async () => {
    const begun = await begin()
    const { location } = await bring(begun, { error: 'access_denied', error_description: '<script>alert(1)</script>' })
    expect([location!.searchParams.get('error'), location!.href.includes('alert')]).toEqual(['access_denied', false])
  })
})
