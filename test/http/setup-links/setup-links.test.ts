import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MovableClock } from '@portico/kernel/clock'
import { digestToken } from '@portico/crypto/token-digest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startOidcServer, type OidcServer } from '../../support/oidc-server.js'
import { formOf, submit } from '../../support/page-forms.js'
import { idpMetadata } from '../../support/saml-idp.js'
import { atApp, proofKey, startSignInFixture, type SignInFixture } from '../../support/sign-in-fixture.js'
import { ssoStart } from '../../support/sso-fixture.js'

const clock = new MovableClock()
const records = new Map<string, string[]>()
let fixture: SignInFixture
let project: Awaited<ReturnType<SignInFixture['project']>>
beforeAll(async () => {
  fixture = await startSignInFixture({ clock, txtRecords: { txt: async (name) => records.get(name) ?? [] } })
  project = await fixture.project(['email'], { organizations: 'managed' })
})
afterAll(() => fixture?.close())

const operate = (method: string, path: string, body?: unknown) => fixture.control.call(method, `projects/${project.id}/${path}`, body)
const code = (answer: { body: { error?: { code?: string } } }) => answer.body.error?.code
const organization = async () => (await operate('POST', 'organizations', { name: `Acme ${randomUUID().slice(0, 8)}` })).body.data.id as string

async function link(of?: string, body: Record<string, unknown> = {}) {
  const organizationId = of ?? (await organization())
  const made = await operate('POST', `organizations/${organizationId}/setup-links`, body)
  expect(made.status).toBe(201)
  const { id, url } = made.body.data as { id: string; url: string }
  return { id, url, organizationId, token: new URL(url).searchParams.get('token') ?? '' }
}

type Page = Awaited<ReturnType<BrowserClient['open']>>

/** A browser that holds a link, at its page. */
async function holder(of?: string, body: Record<string, unknown> = {}) {
  const made = await link(of, body)
  const browser = new BrowserClient()
  const opened = await submit(browser, await browser.open(made.url), /setup\/open/, {})
  expect(opened.status).toBe(302)
  const page = () => browser.open(`${project.base}/setup`)
  /** One of the page's buttons. */
  const press = async (intent: string, typed: Record<string, string> = {}) => {
    const form_token = formOf((await page()).text, /\/setup$/).fields['form_token'] ?? ''
    return browser.open(`${project.base}/setup`, { form: { form_token, intent, ...typed } })
  }
  return { ...made, browser, page, press }
}

/** With a proven domain. */
async function proven(who: Awaited<ReturnType<typeof holder>>) {
  const domain = `${randomUUID().slice(0, 8)}.acme.example`
  expect((await who.press('add_domain', { domain })).status).toBe(302)
  const value = /sso-domain-verify=[\w-]+/.exec((await who.page()).text)![0]
  records.set(`_sso-domain.${domain}`, [value])
  const [row] = await fixture.owner.query<{ id: string }>('select id from auth.email_domain where domain = $1', [domain])
  expect((await who.press('check_domain', { id: row!.id })).status).toBe(302)
  return domain
}

const connections = async (organizationId: string) =>
  (await operate('GET', `sso/connections?organization_id=${organizationId}`)).body.data as Record<string, unknown>[]

describe('a set-up link', () => {
  test('SAML: from the link to a sign-in, without an account, a script or an operator', async () => {
    const who = await holder()
    const domain = await proven(who)
    await who.press('choose_saml')
    const page = (await who.page()).text
    const [{ id } = { id: '' }] = await connections(who.organizationId) as { id: string }[]
    for (const value of [`${project.base}/sso/${id}/metadata`, `${project.base}/sso/${id}/acs`]) expect(page).toContain(value)
    // In the words of the best known identity providers too.
    for (const label of ['App Federation Metadata Url', 'Audience URI (SP Entity ID)', 'Add custom SAML app']) expect(page).toContain(label)
    const wrong = await who.press('saml', { metadata_xml: '<html></html>' })
    expect([wrong.status, wrong.text.includes('cannot be read as the metadata')]).toEqual([422, true])
    expect((await who.press('turn_on')).status).toBe(422)
    expect((await who.press('saml', { metadata_xml: idpMetadata() })).status).toBe(302)
    expect((await who.press('turn_on')).status).toBe(302)
    expect((await who.page()).text).toContain(`Single sign-on is on for ${domain}`)
    expect((await connections(who.organizationId))[0]).toMatchObject({ state: 'active', domains: [domain], enforce: false })
    const discovered = await call(`${project.base}/sso/discover`, { body: { email: `ada@${domain}` } })
    expect(discovered.body.connection.id).toBe(id)
    expect((await who.press('finish')).text).toContain('The link is closed')
    expect((await who.page()).status).toBe(400)
    const listed = (await operate('GET', `organizations/${who.organizationId}/setup-links`)).body.data
    expect(listed).toMatchObject([{ id: who.id, state: 'finished', connection_id: id }])
    const audit = await fixture.owner.query<{ action: string; actor_id: string }>(
      `select action, actor_id from auth.audit_event where project_id = $1 and actor_type = 'anonymous' and actor_id = $2 order by created_at, action`,
      [project.uuid, who.id],
    )
    expect(new Set(audit.map(({ action }) => action))).toEqual(
      new Set([
        'setup_link.opened', 'email_domain.added', 'email_domain.verified', 'sso.connection_created', 'sso.connection_changed',
        'setup_link.finished',
      ]),
    )
  })

  test('OpenID Connect: the secret is taken and never shown, and a person of the domain signs in', async () => {
    const who = await holder()
    const domain = await proven(who)
    await who.press('choose_oidc')
    const [{ id } = { id: '' }] = await connections(who.organizationId) as { id: string }[]
    const idp: OidcServer = await startOidcServer([`${project.base}/sso/${id}/callback`])
    try {
      const missing = await who.press('oidc', { issuer: idp.issuer })
      expect(missing.status).toBe(422)
      const said = { issuer: idp.issuer, client_id: idp.clientId, client_secret: idp.clientSecret }
      expect((await who.press('oidc', said)).status).toBe(302)
      expect((await who.page()).text).not.toContain(idp.clientSecret)
      // Saved once more without it: the stored one stays.
      expect((await who.press('oidc', { issuer: idp.issuer, client_id: idp.clientId })).status).toBe(302)
      // A test signs nobody in and makes nobody; what came of it stands on the page.
      const people = async () => (await operate('GET', 'users')).body.data.length as number
      const before = await people()
      idp.account = { sub: 'tester', email: `tester@${domain}`, email_verified: true }
      const started = await who.press('test')
      const ticket = /url=(\S+)/.exec(started.headers.get('refresh') ?? '')?.[1] ?? ''
      expect(ticket).toContain(`${project.base}/sso/test?ticket=`)
      await new BrowserClient().travel(ticket, (url) => url.pathname.endsWith('/callback')).then((url) => url)
      expect((await who.page()).text).toContain('has not come back')
      expect(await people()).toBe(before)
      await who.press('turn_on')
      idp.account = { sub: 'ada', email: `ada@${domain}`, email_verified: true }
      const key = proofKey()
      const landed = await new BrowserClient().travel(ssoStart(project.base, key, { email: `ada@${domain}` }), atApp)
      const session = await call(`${project.base}/token/exchange`, { body: { code: landed.searchParams.get('code'), code_verifier: key.verifier } })
      expect([session.status, session.body.user?.email]).toEqual([200, `ada@${domain}`])
    } finally {
      await idp.close()
    }
  })

  test('may be for a connection that is there; another organization’s is refused', async () => {
    const [own, other] = [await organization(), await organization()]
    const make = async (of: string) => {
      const body = { name: 'Acme', protocol: 'saml', organization_id: of, saml: { metadata_xml: idpMetadata() } }
      return (await operate('POST', 'sso/connections', body)).body.data.id as string
    }
    const [mine, theirs] = [await make(own), await make(other)]
    const who = await holder(own, { connection_id: mine })
    expect((await who.page()).text).toContain(mine)
    expect(code(await operate('POST', `organizations/${own}/setup-links`, { connection_id: theirs }))).toBe('validation_error')
    expect(code(await operate('POST', `organizations/${own}/setup-links`, { connection_id: 'x' }))).toBe('validation_error')
    expect((await operate('POST', `organizations/${randomUUID()}/setup-links`, {})).status).toBe(404)
  })

  test('there are at most ten live ones for an organization', async () => {
    const own = await organization()
    for (let count = 0; count < 10; count += 1) await link(own)
    expect(code(await operate('POST', `organizations/${own}/setup-links`, {}))).toBe('conflict')
    const [first] = (await operate('GET', `organizations/${own}/setup-links`)).body.data as { id: string }[]
    expect((await operate('DELETE', `organizations/${own}/setup-links/${first!.id}`)).body.data).toEqual({ id: first!.id, revoked: true })
    await link(own)
  })
})

describe('what attackers try', () => {
  const over = (page: Page) => expect([page.status, page.text.includes('Ask whoever sent it')]).toEqual([400, true])

  test('only digests are stored, and no page but the first holds the token', async () => {
    const who = await holder()
    const [row] = await fixture.owner.query<{ token: Buffer; holder: Buffer; text: string }>(
      'select token_digest as token, holder_digest as holder, row_to_json(l)::text as text from auth.setup_link l where id = $1', [who.id])
    expect(row?.token).toEqual(digestToken(who.token))
    expect(row?.text).not.toContain(who.token)
    const page = await who.page()
    expect(page.text).not.toContain(who.token)
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    // Opened again by its holder: on to the page, without the token.
    const again = await who.browser.open(who.url)
    expect([again.status, again.location?.search]).toEqual([302, ''])
  })

  test('looking spends nothing; twenty browsers at once are one holder', async () => {
    const { url } = await link()
    const browsers = await Promise.all(Array.from({ length: 20 }, async () => {
      const browser = new BrowserClient()
      return { browser, page: await browser.open(url) }
    }))
    const opened = await Promise.all(browsers.map(({ browser, page }) => submit(browser, page, /setup\/open/, {})))
    expect(opened.map(({ status }) => status).toSorted()).toEqual([302, ...Array.from({ length: 19 }, () => 400)])
    const pages = await Promise.all(browsers.map(({ browser }) => browser.open(`${project.base}/setup`)))
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('the second press of a double click is the first one’s', async () => {
    const { url } = await link()
    const browser = new BrowserClient()
    const page = await browser.open(url)
    const pressed = await Promise.all([1, 2].map(() => submit(browser, page, /setup\/open/, {})))
    expect(pressed.map(({ status }) => status)).toEqual([302, 302])
  })

  test('a guessed, a spent, a revoked and an old one are one answer', async () => {
    const [spent, revoked, old] = [await holder(), await link(), await link()]
    await operate('DELETE', `organizations/${revoked.organizationId}/setup-links/${revoked.id}`)
    await fixture.owner.query(`update auth.setup_link set expires_at = now() - interval '1 second' where id = $1`, [old.id])
    const guess = `${project.base}/setup?token=${randomBytes(32).toString('base64url')}`
    const texts = []
    for (const url of [guess, spent.url, revoked.url, old.url]) {
      const page = await new BrowserClient().open(url)
      over(page)
      texts.push(page.text.replaceAll(/nonce="[^"]*"/g, ''))
    }
    expect(new Set(texts).size).toBe(1)
  })

  test('it ends after seven days, also for who holds it', async () => {
    const who = await holder()
    clock.advanceSeconds(7 * 86_400 - 60)
    expect((await who.page()).status).toBe(200)
    clock.advanceSeconds(61)
    over(await who.page())
    clock.advanceSeconds(-7 * 86_400)
  })

  test('revoked meanwhile: not one more step, in whatever state the page was', async () => {
    const who = await holder()
    const domain = await proven(who)
    await who.press('choose_saml')
    const form_token = formOf((await who.page()).text, /\/setup$/).fields['form_token'] ?? ''
    await operate('DELETE', `organizations/${who.organizationId}/setup-links/${who.id}`)
    const steps = [
      { intent: 'add_domain', domain: 'other.acme.example' }, { intent: 'saml', metadata_xml: idpMetadata() }, { intent: 'turn_on' },
      { intent: 'finish' }, { intent: 'choose_oidc' },
    ]
    for (const step of steps) over(await who.browser.open(`${project.base}/setup`, { form: { form_token, ...step } }))
    expect(await connections(who.organizationId)).toMatchObject([{ state: 'draft', domains: [] }])
    const domains = (await operate('GET', `email-domains?organization_id=${who.organizationId}`)).body.data
    expect(domains.map((each: { domain: string }) => each.domain)).toEqual([domain])
  })

  test('a domain of another organization, or of the project, is not there for its holder', async () => {
    const [who, other] = [await holder(), await holder()]
    await other.press('add_domain', { domain: `${randomUUID().slice(0, 8)}.acme.example` })
    const project_domain = (await operate('POST', 'email-domains', { domain: `${randomUUID().slice(0, 8)}.acme.example` })).body.data.id
    const [theirs] = (await operate('GET', `email-domains?organization_id=${other.organizationId}`)).body.data as { id: string }[]
    for (const id of [theirs!.id, project_domain, randomUUID(), 'x']) {
      expect((await who.press('check_domain', { id })).status).toBe(404)
      expect((await who.press('remove_domain', { id })).status).toBe(404)
    }
    // One that is proven is for the operators to take away.
    await proven(who)
    const [own] = (await operate('GET', `email-domains?organization_id=${who.organizationId}`)).body.data as { id: string }[]
    expect((await who.press('remove_domain', { id: own!.id })).status).toBe(403)
  })

  test('another project knows neither the link nor its holder', async () => {
    const elsewhere = await fixture.project(['email'], { organizations: 'managed' })
    const [fresh, who] = [await link(), await holder()]
    over(await new BrowserClient().open(fresh.url.replace(project.base, elsewhere.base)))
    // This browser sends its cookies to every path of the host.
    expect(who.browser.cookiesFor(project.base)).toContain('portico-setup')
    over(await who.browser.open(`${elsewhere.base}/setup`))
  })

  test('a form on somebody’s site, or without the browser’s own cookie, does nothing', async () => {
    const { url, token } = await link()
    const stranger = await new BrowserClient().open(`${project.base}/setup/open`, { form: { token, form_token: 'x'.repeat(43) } })
    expect(stranger.status).toBe(403)
    const who = await holder()
    const crossed = await who.browser.open(`${project.base}/setup`, { form: { form_token: 'x'.repeat(43), intent: 'finish' } })
    expect(crossed.status).toBe(403)
    expect((await new BrowserClient().open(url)).status).toBe(200)
  })

  test('pressed twenty times, one connection is made', async () => {
    const who = await holder()
    const form_token = formOf((await who.page()).text, /\/setup$/).fields['form_token'] ?? ''
    const press = () => who.browser.open(`${project.base}/setup`, { form: { form_token, intent: 'choose_saml' } })
    await Promise.all(Array.from({ length: 20 }, press))
    await expect.poll(async () => (await connections(who.organizationId)).length).toBe(1)
  })

  test('a metadata address within our own network is not called', async () => {
    const who = await holder()
    await who.press('choose_saml')
    for (const metadata_url of ['http://169.254.169.254/latest', 'https://10.0.0.1/metadata', 'file:///etc/passwd']) {
      expect([metadata_url, (await who.press('saml', { metadata_url })).status]).toEqual([metadata_url, 422])
    }
  })
})
