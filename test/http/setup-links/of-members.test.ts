import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { formOf, submit } from '../../support/page-forms.js'
import { idpMetadata } from '../../support/saml-idp.js'
import { startSignInFixture, type SignInFixture } from '../../support/sign-in-fixture.js'

/** The people of an organization who manage its single sign-on themselves, from the app. */
const records = new Map<string, string[]>()
let fixture: SignInFixture
let project: Awaited<ReturnType<SignInFixture['project']>>
beforeAll(async () => {
  fixture = await startSignInFixture({ txtRecords: { txt: async (name) => records.get(name) ?? [] } })
  project = await fixture.project(['email'], { organizations: 'self_service' })
})
afterAll(() => fixture?.close())

type Person = Awaited<ReturnType<typeof signUp>>
const as = (who: Person, path: string, method?: string, body?: object) =>
  call(`${project.base}/organizations${path && `/${path}`}`, { token: who.accessToken, ...(method && { method }), ...(body && { body }) })
const operate = (method: string, path: string, body?: unknown) => fixture.control.call(method, `projects/${project.id}/${path}`, body)
const code = (answer: { status: number; body: { error?: { code: string } } | null }) => answer.body?.error?.code ?? answer.status
const domainName = () => `${randomUUID().slice(0, 8)}.acme.example`

async function company() {
  const boss = await signUp(project.base)
  const made = await as(boss, '', 'POST', { name: 'Acme' })
  const id = made.body.id as string
  const join = async (role: string) => {
    const person = await signUp(project.base)
    await operate('POST', `organizations/${id}/members`, { user_id: person.userId, role })
    return person
  }
  return { id, boss, join }
}

async function opened(url: string) {
  const browser = new BrowserClient()
  const page = await submit(browser, await browser.open(url), /setup\/open/, {})
  const press = async (intent: string, typed: Record<string, string> = {}) => {
    const shown = await browser.open(`${project.base}/setup`)
    const form_token = formOf(shown.text, /\/setup$/).fields['form_token'] ?? ''
    return browser.open(`${project.base}/setup`, { form: { form_token, intent, ...typed } })
  }
  return { status: page.status, browser, press }
}

test('an admin proves a domain, makes a link, sets the connection up on its page, and sees how it stands', async () => {
  const { id, boss } = await company()
  const added = await as(boss, `${id}/domains`, 'POST', { domain: domainName() })
  expect([added.status, added.body.verified, added.body.verification.type]).toEqual([201, false, 'TXT'])
  const at = `${id}/domains/${added.body.id as string}`
  expect((await as(boss, `${at}/verify`, 'POST')).body.error.details[0].code).toBe('proof_not_found')
  records.set(added.body.verification.name, [added.body.verification.value])
  expect((await as(boss, `${at}/verify`, 'POST')).body).toMatchObject({ verified: true })
  // People come in by it: it is not for a member to take away.
  expect(code(await as(boss, at, 'DELETE'))).toBe('forbidden')
  const spare = await as(boss, `${id}/domains`, 'POST', { domain: domainName() })
  expect((await as(boss, `${id}/domains/${spare.body.id as string}`, 'DELETE')).body).toEqual({ ok: true })

  const link = await as(boss, `${id}/setup-links`, 'POST', {})
  expect([link.status, link.body.state, link.body.made_by]).toEqual([201, 'waiting', boss.userId])
  const page = await opened(link.body.url)
  expect(page.status).toBe(302)
  await page.press('choose_saml')
  expect((await page.press('saml', { metadata_xml: idpMetadata() })).status).toBe(302)
  expect((await page.press('turn_on')).status).toBe(302)
  const { body } = await as(boss, `${id}/connections`)
  expect(body.data).toMatchObject([{ protocol: 'saml', state: 'active', domains: [added.body.domain], enforce: false }])
  expect(JSON.stringify(body)).not.toContain('CERTIFICATE')
  const [listed] = (await as(boss, `${id}/setup-links`)).body.data
  expect([listed.state, listed.connection_id, 'url' in listed]).toEqual(['open', body.data[0].id, false])
  // Mended by another link; one of somebody else's connection is not made.
  expect((await as(boss, `${id}/setup-links`, 'POST', { connection_id: body.data[0].id })).status).toBe(201)
  expect((await as(boss, `${id}/setup-links`, 'POST', { connection_id: randomUUID() })).status).toBe(422)
  const rows = await fixture.owner.query<{ action: string; actor_type: string; actor_id: string }>(
    `select action, actor_type, actor_id from auth.audit_event where project_id = $1 and actor_id = $2
      and (action like 'email_domain.%' or action like 'setup_link.%') order by created_at`, [project.uuid, boss.userId])
  expect(new Set(rows.map(({ action }) => action))).toEqual(
    new Set(['email_domain.added', 'email_domain.verified', 'email_domain.removed', 'setup_link.created']))
  expect(rows.every(({ actor_type: type }) => type === 'end_user')).toBe(true)
})

test('is for whoever has the permission in this organization, and for nobody else', async () => {
  const [acme, other] = [await company(), await company()]
  await operate('PUT', 'organization-roles/it', { name: 'IT', permissions: ['org.read', 'sso.manage'] })
  const [member, itPerson] = [await acme.join('member'), await acme.join('it')]
  const domain = await as(acme.boss, `${acme.id}/domains`, 'POST', { domain: domainName() })
  const link = await as(acme.boss, `${acme.id}/setup-links`, 'POST', {})
  const ROUTES: [path: string, method: string, body?: object][] = [
    ['connections', 'GET'], ['domains', 'GET'], ['domains', 'POST', { domain: domainName() }],
    [`domains/${domain.body.id as string}/verify`, 'POST'], [`domains/${domain.body.id as string}`, 'DELETE'],
    ['setup-links', 'GET'], ['setup-links', 'POST', {}], [`setup-links/${link.body.id as string}`, 'DELETE'],
  ]
  for (const [path, method, body] of ROUTES) {
    const codes = [member, other.boss].map(async (who) => code(await as(who, `${acme.id}/${path}`, method, body)))
    expect([method, path, ...(await Promise.all(codes))]).toEqual([method, path, 'forbidden', 'not_found'])
    // By way of an organization of one's own, what belongs to another one is not there.
    if (path.includes('/')) expect(code(await as(other.boss, `${other.id}/${path}`, method, body))).toBe('not_found')
    expect((await call(`${project.base}/organizations/${acme.id}/${path}`, { method, ...(body && { body }) })).status).toBe(401)
  }
  expect((await as(itPerson, `${acme.id}/domains`)).body.data).toHaveLength(1)
  expect((await as(itPerson, `${acme.id}/setup-links`, 'POST', {})).status).toBe(201)
  expect(code(await as(acme.boss, `${acme.id}/setup-links/not-an-id`, 'DELETE'))).toBe('not_found')
})

test('a link is worth what its maker may do now: taken out, disabled, or in another role, they leave none behind', async () => {
  const { id, join } = await company()
  const ENDINGS: Record<string, (userId: string) => Promise<{ status: number }>> = {
    'taken out': (userId) => operate('DELETE', `organizations/${id}/members/${userId}`),
    disabled: (userId) => operate('PATCH', `users/${userId}`, { disabled: true }),
    'in another role': (userId) => operate('PATCH', `organizations/${id}/members/${userId}`, { role: 'member' }),
    deleted: (userId) => operate('DELETE', `users/${userId}`),
  }
  for (const [what, end] of Object.entries(ENDINGS)) {
    const admin = await join('admin')
    const [waiting, held] = [await as(admin, `${id}/setup-links`, 'POST', {}), await as(admin, `${id}/setup-links`, 'POST', {})]
    const page = await opened(held.body.url)
    expect([what, page.status]).toEqual([what, 302])
    const ended = await end(admin.userId)
    expect([what, ended.status]).toEqual([what, 200])
    expect([what, (await new BrowserClient().open(waiting.body.url)).status]).toEqual([what, 400])
    expect([what, (await page.browser.open(`${project.base}/setup`)).status]).toEqual([what, 400])
  }
})
