import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { formOf, submit } from '../../support/page-forms.js'
import { idpMetadata, inBase64, readSamlRequest, samlXml, type SaidSaml } from '../../support/saml-idp.js'
import { postSaml, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'
import { scimClient, USER } from '../scim/scim-client.js'

/** The steps of a set-up page besides domain and connection: the report of a test, and the directory. */
let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { organizations: 'managed' })
})
afterAll(() => fixture?.close())

async function holder(organizationId: string) {
  const made = await fixture.control.call('POST', `projects/${project.id}/organizations/${organizationId}/setup-links`, {})
  const { id, url } = made.body.data as { id: string; url: string }
  const browser = new BrowserClient()
  expect((await submit(browser, await browser.open(url), /setup\/open/, {})).status).toBe(302)
  const page = () => browser.open(`${project.base}/setup`)
  const press = async (intent: string, typed: Record<string, string> = {}) => {
    const form_token = formOf((await page()).text, /\/setup$/).fields['form_token'] ?? ''
    return browser.open(`${project.base}/setup`, { form: { form_token, intent, ...typed } })
  }
  return { id, browser, page, press }
}

describe('a test of the connection', () => {
  async function tried(said: SaidSaml | null) {
    const { id } = await fixture.organization(project.id)
    const domain = await fixture.provenDomain(project, id)
    const who = await holder(id)
    await who.press('choose_saml')
    await who.press('saml', { metadata_xml: idpMetadata() })
    const leads = /url=(\S+)/.exec((await who.press('test')).headers.get('refresh') ?? '')![1]!
    const asked = readSamlRequest({ url: (await who.browser.open(leads)).location! })
    const xml = await samlXml(asked, said ?? { nameId: 'ada', attributes: { email: `ada@${domain}`, groups: ['Admins'], apiToken: 'hush' } })
    const back = await postSaml(who.browser, asked.acsUrl, { SAMLResponse: inBase64(xml), RelayState: asked.relayState })
    // To where the report is, and not to a window that can be closed.
    expect([back.status, back.location?.href]).toEqual([302, `${project.base}/setup`])
    return { domain, text: (await who.page()).text }
  }

  test('comes back to the page, which tells the decoded report: what was sent, and what is read from it', async () => {
    const { domain, text } = await tried(null)
    for (const part of ['was accepted', 'What your identity provider sent', 'What is read from it', `ada@${domain}`, 'Admins', 'NameID'])
      expect(text).toContain(part)
    expect([text.includes('hush'), text.includes('[hidden]')]).toEqual([false, true])
    const people = await fixture.owner.query('select 1 from auth.end_user where project_id = $1', [project.uuid])
    expect(people).toEqual([])
  })

  test('that is refused says why, and what was expected', async () => {
    const { text } = await tried({ nameId: 'eve', audience: 'https://other.example/<b>' })
    for (const part of ['was refused', 'the assertion is for another audience', 'Expected', 'Found', 'https://other.example/&lt;b&gt;'])
      expect(text).toContain(part)
    expect(text).not.toContain('NameID')
  })
})

describe('the directory', () => {
  const tokenOf = (text: string) => /scim_[\w-]{43}/.exec(text)?.[0] ?? ''
  const directories = async (organizationId: string) =>
    (await fixture.control.call('GET', `projects/${project.id}/directories?organization_id=${organizationId}`)).body.data as { id: string }[]

  test('is kept in step with a token that the holder makes, sees once, and removes; it works at once', async () => {
    const { id } = await fixture.organization(project.id)
    const domain = await fixture.provenDomain(project, id)
    const who = await holder(id)
    expect((await who.page()).text).toContain(`${project.base}/scim/v2`)
    const made = await who.press('create_token')
    const token = tokenOf(made.text)
    expect([made.status, token === '', tokenOf((await who.page()).text)]).toEqual([200, false, ''])
    const email = `ada@${domain}`
    const body = { schemas: [USER], userName: email, emails: [{ value: email, primary: true }], active: true }
    expect((await scimClient(project.base, token)('POST', '/Users', body)).status).toBe(201)
    expect((await who.page()).text).toContain('Last used')
    // Two at once, so that a change is no outage.
    const second = tokenOf((await who.press('create_token')).text)
    expect((await who.page()).text).not.toContain('value="create_token"')
    expect((await who.press('create_token')).status).toBe(409)
    const [directory] = await directories(id)
    const tokens = await fixture.control.call('GET', `projects/${project.id}/directories/${directory!.id}/tokens`)
    const [old] = tokens.body.data as { id: string }[]
    expect((await who.press('remove_token', { id: old!.id })).status).toBe(302)
    const reads = (with_: string) => scimClient(project.base, with_)('GET', '/Users').then(({ status }) => status)
    await expect.poll(() => Promise.all([reads(token), reads(second)])).toEqual([401, 200])
    const rows = await fixture.owner.query<{ action: string }>(
      `select action from auth.audit_event where project_id = $1 and actor_type = 'anonymous' and actor_id = $2 and action like 'directory.%'`,
      [project.uuid, who.id])
    expect(rows.map(({ action }) => action).toSorted()).toEqual([
      'directory.created', 'directory.token_created', 'directory.token_created', 'directory.token_removed',
    ])
  })

  test('is one, however often the button is pressed at once; another organization’s token is not there', async () => {
    const [own, other] = [await fixture.organization(project.id), await fixture.organization(project.id)]
    const who = await holder(own.id)
    const pressed = await Promise.all(Array.from({ length: 5 }, () => who.press('create_token')))
    expect(pressed.map(({ status }) => status).toSorted()).toEqual([200, 200, 409, 409, 409])
    expect(await directories(own.id)).toHaveLength(1)
    const theirs = await holder(other.id)
    await theirs.press('create_token')
    const [directory] = await directories(other.id)
    const tokens = await fixture.control.call('GET', `projects/${project.id}/directories/${directory!.id}/tokens`)
    for (const id of [(tokens.body.data as { id: string }[])[0]!.id, randomUUID(), 'x'])
      expect((await who.press('remove_token', { id })).status).toBe(404)
    // A link that was taken back makes nothing.
    await fixture.control.call('DELETE', `projects/${project.id}/organizations/${other.id}/setup-links/${theirs.id}`)
    const late = await theirs.browser.open(`${project.base}/setup`, { form: { intent: 'create_token', form_token: 'x' } })
    expect(late.status).toBe(400)
    expect((await call(`${project.base}/scim/v2/Users`, {})).status).toBe(401)
  })
})
