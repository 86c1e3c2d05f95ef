import { randomUUID } from 'node:crypto'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, type Answer } from '../../support/data-plane.js'
import { startFakeIssuer, type FakeIssuer } from '../../support/fake-issuer.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { PASSWORD, proofKey, startUrl } from '../../support/sign-in-fixture.js'
import { samlConnection, signInBySaml, ssoStart, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'
import { scimClient, USER } from '../scim/scim-client.js'

/** A limit that is reached pauses sign-ups on every way to an account, and log-ins on none (docs/usage.md). */
const LIMITS = ['max_people', 'max_monthly_active'] as const
const PROVIDER = 'oidc:acme'
const TOKEN = /token=([\w-]{43})/

const clock = new MovableClock()
let fixture: SsoFixture
let metering: TestMetering
let issuer: FakeIssuer

interface Stand {
  id: string
  uuid: string
  base: string
  organizationId: string
  saml: { id: string; domain: string }
  oidc: { id: string; domain: string }
  admin: string
  scimToken: string
}

beforeAll(async () => {
  fixture = await startSsoFixture({ clock })
  metering = meteringOf(fixture.control.database, clock)
  issuer = await startFakeIssuer()
})
afterAll(async () => {
  await issuer?.close()
  await metering?.close()
  await fixture?.close()
})

async function build(): Promise<Stand> {
  const project = await fixture.project(['email', 'magic_link', 'email_otp', PROVIDER], {
    organizations: 'managed',
    site_url: 'https://app.example',
  })
  const operator = (method: string, path: string, body: object) => fixture.control.call(method, `projects/${project.id}/${path}`, body)
  const client = { client_id: issuer.clientId, client_secret: issuer.clientSecret, issuer: issuer.issuer }
  const put = await operator('PUT', `auth/providers/${PROVIDER}`, client)
  expect(put.status, put.text).toBe(200)
  const organizationId = (await fixture.organization(project.id)).id
  const saml = await samlConnection(fixture, project, { organizationId })
  const domain = await fixture.provenDomain(project)
  const oidc = await fixture.connect(project.id, { name: 'Acme', protocol: 'oidc', state: 'active', domains: [domain], oidc: client })
  const directory = await operator('POST', 'directories', { name: 'Acme', organization_id: organizationId })
  const token = await operator('POST', `directories/${directory.body.data.id}/tokens`, {})
  const boss = await call(`${project.base}/signup`, { body: { email: `boss@boss.example`, password: PASSWORD } })
  await operator('POST', `organizations/${organizationId}/members`, { user_id: boss.body.user_id, role: 'admin' })
  return {
    ...project, organizationId, saml, oidc: { id: oidc.id, domain }, admin: boss.body.access_token, scimToken: token.body.data.token,
  }
}

/** What became of somebody: let in, or the error and what was named with it. */
interface Outcome {
  in: boolean
  code: string | null
  field: string | null
}
const told = ({ status, body, text }: Answer): Outcome => {
  if (status >= 500) throw new Error(text)
  return { in: status < 300, code: body?.error?.code ?? null, field: body?.error?.details?.[0]?.field ?? null }
}
/** With a code, or with the error. */
const cameBack = (isIn: boolean, error: string | null): Outcome => ({ in: isIn, code: error, field: null })

async function throughIssuer(email: string, start: string): Promise<Outcome> {
  const browser = new BrowserClient()
  const { location } = await browser.open(start)
  const asked = location!.searchParams
  issuer.nonce = asked.get('nonce')
  issuer.idToken = { sub: email, email, email_verified: true }
  const back = await browser.open(`${asked.get('redirect_uri')}?${new URLSearchParams({ code: 'code-1', state: asked.get('state')! })}`)
  const app = back.location?.searchParams
  return cameBack(app?.has('code') === true, app?.get('error') ?? null)
}

/** What the next mail to an address has in it, once it was asked for. */
async function mailed(email: string, pattern: RegExp, ask: () => Promise<Outcome>): Promise<string> {
  const before = new Set(fixture.resend.mails)
  expect((await ask()).in).toBe(true)
  const mail = await fixture.resend.waitForMail((one) => one.to.includes(email) && pattern.test(one.text) && !before.has(one))
  return pattern.exec(mail.text)![1]!
}

interface Way {
  domain?: (stand: Stand) => string
  /** What is done before, perhaps while there was room yet. Then comes whoever has begun. */
  begin: (stand: Stand, email: string) => Promise<() => Promise<Outcome>>
  /** How who has an account comes again; as before unless given. */
  again?: (stand: Stand, email: string) => Promise<Outcome>
}
const atOnce = (come: (stand: Stand, email: string) => Promise<Outcome>): Way['begin'] => async (stand, email) => () => come(stand, email)
const post = async ({ base }: Stand, path: string, body: object, token?: string) =>
  told(await call(`${base}${path}`, { body, ...(token !== undefined && { token }) }))

/** Every way to an account but those of operators. */
const WAYS: Record<string, Way> = {
  'a password': {
    begin: atOnce((stand, email) => post(stand, '/signup', { email, password: PASSWORD })),
    again: (stand, email) => post(stand, '/login', { email, password: PASSWORD }),
  },
  'a magic link': {
    begin: async (stand, email) => {
      const token = await mailed(email, TOKEN, () => post(stand, '/magic-link', { email }))
      return () => post(stand, '/magic-link/confirm', { token })
    },
  },
  'a mailed code': {
    begin: async (stand, email) => {
      const code = await mailed(email, /^ {4}(\d{6})$/m, () => post(stand, '/email/start', { email }))
      return () => post(stand, '/email/verify', { email, code })
    },
  },
  'a provider': { begin: atOnce((stand, email) => throughIssuer(email, startUrl(stand.base, PROVIDER, proofKey()))) },
  'single sign-on by SAML': {
    domain: ({ saml }) => saml.domain,
    begin: atOnce(async (stand, email) => {
      const question = { connection_id: stand.saml.id }
      const { error, session } = await signInBySaml(stand.base, question, { nameId: email, attributes: { email } })
      return cameBack(session?.status === 200, error)
    }),
  },
  'single sign-on by OpenID Connect': {
    domain: ({ oidc }) => oidc.domain,
    begin: atOnce(({ base, oidc }, email) => throughIssuer(email, ssoStart(base, proofKey(), { connection_id: oidc.id }))),
  },
  'an invitation by a member': {
    begin: atOnce((stand, email) => post(stand, `/organizations/${stand.organizationId}/invitations`, { email }, stand.admin)),
    // Invited while there was room, and opens the account now.
    again: async (stand, email) => {
      const { text } = await fixture.resend.waitForMail((mail) => mail.to.includes(email))
      return post(stand, '/invitation/accept', { token: TOKEN.exec(text)![1]!, password: PASSWORD })
    },
  },
}

describe.each(LIMITS)('while %s is reached', (limit) => {
  let stand: Stand
  const began = new Map<string, { known: string; early: string; come: () => Promise<Outcome> }>()
  const addressOf = (way: Way) => `p${randomUUID().slice(0, 8)}@${way.domain?.(stand) ?? 'example.com'}`
  const there = async (email: string) =>
    (await fixture.owner.query('select 1 from auth.end_user where project_id = $1 and email = $2', [stand.uuid, email])).length

  beforeAll(async () => {
    stand = await build()
    // One after the other: the issuer of the test says one thing at a time.
    for (const [name, way] of Object.entries(WAYS)) {
      const [known, early] = [addressOf(way), addressOf(way)]
      expect([name, await (await way.begin(stand, known))()]).toEqual([name, { in: true, code: null, field: null }])
      began.set(name, { known, early, come: await way.begin(stand, early) })
    }
    const set = await fixture.control.call('PATCH', `projects/${stand.id}/auth`, { [limit]: 1 })
    expect(set.status, set.text).toBe(200)
    // Totals are counted anew when they are some seconds old.
    clock.advanceSeconds(15)
    await metering.settle()
    const probe = () => post(stand, '/signup', { email: `probe-${randomUUID()}@example.com`, password: PASSWORD })
    const isPaused = async () => expect(await probe()).toMatchObject({ code: 'signups_disabled', field: limit })
    await vi.waitFor(isPaused, { timeout: 10_000, interval: 50 })
  })

  test.each(Object.entries(WAYS))('%s makes no account, and lets in who has one', async (name, way) => {
    const { known, early, come } = began.get(name)!
    const refused = await come()
    expect(refused).toMatchObject({ in: false, code: 'signups_disabled' })
    // A browser on its way back is told the error alone.
    expect([null, limit]).toContain(refused.field)
    expect(await there(early)).toBe(0)
    const again = way.again ?? (async (at, email) => (await way.begin(at, email))())
    expect(await again(stand, known)).toEqual({ in: true, code: null, field: null })
    expect(await there(known)).toBe(1)
  })

  test('operators and directories go on', async () => {
    const operator = (path: string, body: object) => fixture.control.call('POST', `projects/${stand.id}/${path}`, body)
    const [made, invited, member, provisioned] = Array.from({ length: 4 }, () => `p${randomUUID().slice(0, 8)}@${stand.saml.domain}`)
    const answers = [
      await operator('users', { email: made }),
      await operator('users/invite', { email: invited }),
      await operator(`organizations/${stand.organizationId}/invitations`, { email: member }),
      await scimClient(stand.base, stand.scimToken)('POST', '/Users', {
        schemas: [USER], userName: provisioned, emails: [{ value: provisioned, primary: true }], active: true,
      }),
    ]
    expect(answers.map(({ status }) => status < 300)).toEqual([true, true, true, true])
    for (const email of [made, invited, member, provisioned]) expect(await there(email!)).toBe(1)
  })
})
