import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startHostileIssuer, type HostileIssuer } from '../../support/oidc-server.js'
import { atApp, proofKey, startSignInFixture, startUrl, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

let fixture: SignInFixture
let issuer: HostileIssuer
let other: HostileIssuer
let base: string
let uuid: string
const PROVIDER = 'oidc:hostile'

beforeAll(async () => {
  fixture = await startSignInFixture()
  const project = await fixture.project([PROVIDER, 'oidc:other'])
  base = project.base
  uuid = project.uuid
  issuer = await startHostileIssuer()
  other = await startHostileIssuer()
  for (const [provider, server] of [[PROVIDER, issuer], ['oidc:other', other]] as const) {
    const put = await fixture.control.call('PUT', `projects/${project.id}/auth/providers/${provider}`, {
      client_id: 'client',
      client_secret: 'secret',
      issuer: server.issuer,
    })
    expect(put.status).toBe(200)
  }
})
afterAll(async () => {
  await issuer?.close()
  await other?.close()
  await fixture?.close()
})
beforeEach(() => {
  issuer.fault = 'none'
  issuer.account = { sub: `person-${Math.floor(performance.now() * 1000)}`, email: unique(), email_verified: true }
})

/** Begins a flow in a browser and answers what the provider was sent. */
async function begin(browser: BrowserClient, provider = PROVIDER): Promise<URLSearchParams> {
  const start = await browser.open(startUrl(base, provider, proofKey()))
  const server = provider === PROVIDER ? issuer : other
  server.lastRequest = start.location!.searchParams
  return server.lastRequest
}

const comeBack = (browser: BrowserClient, fields: Record<string, string>, provider = PROVIDER) =>
  browser.open(`${base}/oauth/${provider}/callback?${new URLSearchParams(fields)}`)
const answer = (request: URLSearchParams, more: Record<string, string> = {}) => ({
  code: 'any',
  state: request.get('state') ?? '',
  iss: issuer.issuer,
  ...more,
})

test('the request carries state, nonce and an S256 challenge of 256 bits each, and the exact redirect URI', async () => {
  const request = await begin(new BrowserClient())
  for (const name of ['state', 'nonce', 'code_challenge']) expect(request.get(name)).toMatch(/^[\w-]{43}$/)
  expect(request.get('code_challenge_method')).toBe('S256')
  expect(request.get('redirect_uri')).toBe(`${base}/oauth/${PROVIDER}/callback`)
  expect((await comeBackHonestly()).location!.searchParams.get('code')).toMatch(/^[\w-]{43}$/)
})

async function comeBackHonestly() {
  const browser = new BrowserClient()
  return comeBack(browser, answer(await begin(browser)))
}

describe('state', () => {
  test('a state that another browser began is worth nothing here (fixation, login CSRF)', async () => {
    const attacker = new BrowserClient()
    const request = await begin(attacker)
    const victim = new BrowserClient()
    await begin(victim)
    const before = issuer.redeemed
    const page = await comeBack(victim, answer(request))
    expect([page.status, page.location, issuer.redeemed]).toEqual([400, null, before])
    // And the attacker's own flow was not disturbed by the attempt.
    expect((await comeBack(attacker, answer(request))).status).toBe(302)
  })

  test('a state works once, for ten minutes, for its own provider and project', async () => {
    const browser = new BrowserClient()
    const request = await begin(browser)
    expect((await comeBack(browser, answer(request), 'oidc:other')).status).toBe(400)
    const used = answer(request)
    expect((await comeBack(browser, used)).status).toBe(302)
    expect((await comeBack(browser, used)).status).toBe(400)
    const late = await begin(browser)
    await call(`${fixture.dataUrl}/__test/clock`, { body: { advance_seconds: 601 } })
    expect((await comeBack(browser, answer(late))).status).toBe(400)
    const elsewhere = await fixture.project([PROVIDER])
    const foreign = await begin(browser)
    expect((await browser.open(`${elsewhere.base}/oauth/${PROVIDER}/callback?${new URLSearchParams(answer(foreign))}`)).status).toBe(400)
  })

  test('the page of a sign-in that is lost leads back to the app where it is known, and to our own page otherwise', async () => {
    const { base: known } = await fixture.project([PROVIDER], { site_url: 'https://app.example/home' })
    const lost = (at: string) => call(`${at}/oauth/${PROVIDER}/callback?state=gone&code=any`)
    const page = await lost(known)
    expect([page.status, page.text]).toEqual([400, expect.stringContaining('href="https://app.example/home"')])
    expect((await lost(base)).text).toContain(`href="${new URL(base).pathname}/sign-in`)
  })

  test('many racers with one state: one wins', async () => {
    const browser = new BrowserClient()
    const fields = answer(await begin(browser))
    const cookies = browser.cookiesFor(base)
    expect(cookies).toHaveLength(1)
    const answers = await Promise.all(Array.from({ length: 6 }, () => comeBack(browser, fields)))
    expect(answers.filter((each) => each.status === 302)).toHaveLength(1)
  })

  test('without state, or with a doubled field, nothing happens', async () => {
    const browser = new BrowserClient()
    const request = await begin(browser)
    expect((await comeBack(browser, { code: 'any' })).status).toBe(400)
    expect((await browser.open(`${base}/oauth/${PROVIDER}/callback?code=a&code=b&state=${request.get('state')}`)).status).toBe(400)
  })
})

describe('mix-up', () => {
  test.each([
    ['the issuer of another server', () => other.issuer],
    ['a lookalike', () => `${issuer.issuer}/`],
    ['none, although the server promises one', () => ''],
  ])('an answer that names %s is refused before its code is redeemed', async (_name, iss) => {
    const browser = new BrowserClient()
    const request = await begin(browser)
    const before = [issuer.redeemed, other.redeemed]
    const fields: Record<string, string> = answer(request, { iss: iss() })
    if (fields['iss'] === '') delete fields['iss']
    const back = await comeBack(browser, fields)
    expect(back.location!.searchParams.get('error')).toBe('server_error')
    expect([issuer.redeemed, other.redeemed]).toEqual(before)
  })
})

describe('ID tokens', () => {
  test.each(['nonce', 'alg_none', 'signature', 'issuer', 'audience', 'expired'] as const)('a token with a wrong %s starts no session', async (fault) => {
    issuer.fault = fault
    const users = () => fixture.owner.query('select 1 from auth.end_user where project_id = $1', [uuid])
    const before = (await users()).length
    const back = await comeBackHonestly()
    expect([back.status, back.location!.searchParams.get('error'), back.location!.searchParams.has('code')]).toEqual([
      302,
      'server_error',
      false,
    ])
    expect(back.location!.href).not.toContain('nonce')
    expect((await users()).length).toBe(before)
    const refusals = await fixture.audit(uuid, 'sign_in.refused')
    expect(refusals.at(-1)!.metadata).toMatchObject({ reason: 'server_error', problem: 'untrusted' })
  })
})

test('an answer that is posted (Apple) is held to the same rules', async () => {
  const browser = new BrowserClient()
  const request = await begin(browser)
  const post = (client: BrowserClient, fields: Record<string, string>) =>
    client.open(`${base}/oauth/${PROVIDER}/callback`, { form: fields, headers: { origin: issuer.issuer } })
  expect((await post(new BrowserClient(), answer(request))).status).toBe(400)
  const back = await post(browser, answer(request, { user: '{"name":{"firstName":"A"}}' }))
  expect([back.status, back.location!.searchParams.has('code')]).toEqual([302, true])
})

test('an error of the provider comes back to the app as an error, never as markup', async () => {
  const browser = new BrowserClient()
  const request = await begin(browser)
  const back = await comeBack(browser, {
    error: 'access_denied',
    error_description: '<script>alert(1)</script>',
    state: request.get('state') ?? '',
    iss: issuer.issuer,
  })
  expect(back.location!.searchParams.get('error')).toBe('access_denied')
  expect(back.location!.href).not.toContain('alert')
})

test('a redirect URL that was taken off the list meanwhile is not used', async () => {
  const gone = await fixture.project([PROVIDER])
  await fixture.control.call('PUT', `projects/${gone.id}/auth/providers/${PROVIDER}`, {
    client_id: 'client',
    client_secret: 'secret',
    issuer: issuer.issuer,
  })
  const browser = new BrowserClient()
  const start = await browser.open(startUrl(gone.base, PROVIDER, proofKey()))
  issuer.lastRequest = start.location!.searchParams
  await fixture.control.call('PATCH', `projects/${gone.id}/auth`, { redirect_urls: [] })
  await expect.poll(async () => (await call(startUrl(gone.base, PROVIDER, proofKey()))).status).toBe(422)
  const back = await browser.open(`${gone.base}/oauth/${PROVIDER}/callback?${new URLSearchParams(answer(issuer.lastRequest))}`)
  expect([back.status, back.location]).toEqual([400, null])
})

test('no answer of the whole way holds a token in a URL', async () => {
  const browser = new BrowserClient()
  const back = await comeBack(browser, answer(await begin(browser)))
  expect(atApp(back.location!)).toBe(true)
  expect(back.location!.href).not.toMatch(/ey[\w-]+\.ey|access_token|refresh_token/)
})
