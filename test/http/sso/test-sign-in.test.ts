import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { startOidcServer } from '../../support/oidc-server.js'
import { readSamlRequest, samlXml, type AskedSaml, type SaidSaml } from '../../support/saml-idp.js'
import { OTHER_KEY } from '../../support/saml-keys.js'
import { postSaml, samlConnection, signInBySaml, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'], { organizations: 'managed' })
})
afterAll(() => fixture?.close())

const at = (connection: string, path = '') => `projects/${project.id}/sso/connections/${connection}${path}`
const attempts = async (connection: string) => (await fixture.control.call('GET', at(connection, '/attempts'))).body.data
const people = async () =>
  (await fixture.owner.query<{ n: number }>('select count(*)::int as n from auth.end_user where project_id = $1', [project.uuid]))[0]!.n
const traces = async () => {
  const tables = ['session', 'exchange_code', 'identity', 'outbox', 'organization_membership']
  const counts = tables.map((table) => `(select count(*)::int from auth.${table} where project_id = $1) as ${table}`)
  return (await fixture.owner.query(`select ${counts.join(', ')}`, [project.uuid]))[0]!
}

async function begin(connection: string, browser = new BrowserClient()) {
  const made = await fixture.control.call('POST', at(connection, '/tests'))
  expect(made.status, made.text).toBe(201)
  const { id, url } = made.body.data as { id: string; url: string }
  const page = await browser.open(url)
  return { id, url, browser, asked: readSamlRequest(page.location ? { url: page.location } : { form: page.text }), page }
}

async function run(connection: string, answer: (asked: AskedSaml) => Promise<string>) {
  const { id, browser, asked } = await begin(connection)
  const fields = { SAMLResponse: Buffer.from(await answer(asked)).toString('base64'), RelayState: asked.relayState }
  const page = await postSaml(browser, asked.acsUrl, fields)
  expect([page.status, page.location]).toEqual([200, null])
  const { body } = await fixture.control.call('GET', at(connection, `/attempts/${id}`))
  return { page, attempt: body.data }
}
const runWith = (connection: string, said: SaidSaml) => run(connection, (asked) => samlXml(asked, said))

describe('a test sign-in', () => {
  test('tells the assertion decoded and what it would do, and does none of it', async () => {
    const organization = await fixture.organization(project.id)
    const { id, domain } = await samlConnection(fixture, project, {
      state: 'testing', organizationId: organization.id, roles: [{ group: 'Bosses', role: 'admin' }], fallback_role: 'member',
      attributes: { metadata: [{ attribute: 'department', key: 'department' }] },
    })
    const email = `ada@${domain}`
    const [before, nobody] = [await traces(), await people()]
    const attributes = { email, displayName: 'Ada', groups: ['Staff', 'Bosses'], department: 'Bread', userPassword: 'horse battery' }
    const { page, attempt } = await runWith(id, { nameId: 'ada-1', attributes })
    expect(page.text).toContain('The test went through')
    expect(attempt).toMatchObject({
      test: true,
      state: 'accepted',
      report: {
        refusal: null, detail: null, account: 'created', user_id: null, email_domain: domain, domain_proven: true,
        organization_id: organization.id, role: 'admin', role_group: 'Bosses',
        person: { email, name: 'Ada', groups: ['Staff', 'Bosses'], metadata: [{ key: 'department', value: 'Bread' }] },
        assertion: { subject: 'ada-1', name_id_format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
      },
    })
    expect(attempt.report.checks).toEqual(['answer', 'mapping', 'account'].map((check) => ({ check, passed: true })))
    const said = attempt.report.assertion.attributes
    expect(said).toContainEqual({ name: 'groups', values: ['Staff', 'Bosses'] })
    expect(said).toContainEqual({ name: 'userPassword', values: ['[hidden]'] })
    expect(JSON.stringify(attempt)).not.toContain('horse battery')
    expect([await traces(), await people()]).toEqual([before, nobody])
    expect(await fixture.audit(project.uuid, 'sso.signed_in')).toEqual([])
    expect(await fixture.audit(project.uuid, 'user.signed_up')).toEqual([])
  })

  test('tells why not, check by check', async () => {
    const { id, domain } = await samlConnection(fixture, project, { create_users: false })
    const passed = ({ report }: { report: { checks: { passed: boolean | null }[] } }) => report.checks.map((check) => check.passed)
    const forged = (await runWith(id, { keys: OTHER_KEY, attributes: { email: `eve@${domain}` } })).attempt
    const nothing = { refusal: 'server_error', problem: 'untrusted', person: null, assertion: null }
    expect(forged).toMatchObject({ state: 'refused', report: nothing })
    expect(forged.report.detail).toContain('no certificate of the connection verifies the signature')
    expect([passed(forged), JSON.stringify(forged).includes('eve')]).toEqual([[false, null, null], false])
    const astray = (await runWith(id, { audience: 'https://other.example/metadata' })).attempt
    const own = `${project.base}/sso/${id}/metadata`
    expect(astray.report).toMatchObject({ detail: 'the assertion is for another audience', expected: own, found: 'https://other.example/metadata' })
    const foreign = (await runWith(id, { issuer: 'https://idp.other.example/' })).attempt
    expect(foreign.report).toMatchObject({ expected: 'https://idp.acme.test/saml', found: 'https://idp.other.example/' })
    const nameIdFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
    const nameless = (await runWith(id, { nameId: 't-1', nameIdFormat, attributes: { color: 'red' } })).attempt
    expect([passed(nameless), nameless.report.assertion.attributes]).toEqual([[true, false, null], [{ name: 'color', values: ['red'] }]])
    const outside = (await runWith(id, { attributes: { email: 'ada@bank.example' } })).attempt
    expect(outside.report).toMatchObject({ refusal: 'email_not_verified', email_domain: 'bank.example', domain_proven: false })
    const closed = (await runWith(id, { attributes: { email: `new@${domain}` } })).attempt
    expect([passed(closed), closed.report.refusal]).toEqual([[true, true, false], 'signups_disabled'])
    const { page } = await runWith(id, { attributes: { email: `new@${domain}` } })
    expect(page.text).toContain('The test was refused')
  })

  test('is opened once, not for a draft, and by the browser that opened it alone; its answer opens nothing of a real sign-in', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    const { url, asked, browser } = await begin(id)
    const xml = await samlXml(asked, { attributes: { email: `ada@${domain}` } })
    const fields = { SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: asked.relayState }
    expect((await browser.open(url)).status).toBe(400)
    expect((await postSaml(new BrowserClient(), asked.acsUrl, fields)).status).toBe(400)
    const [first, second] = await Promise.all([postSaml(browser, asked.acsUrl, fields), postSaml(browser, asked.acsUrl, fields)])
    expect([first.status, second.status].toSorted()).toEqual([200, 400])
    await fixture.change(project.id, id, { state: 'draft' })
    expect((await fixture.control.call('POST', at(id, '/tests'))).status).toBe(422)
  })

  test('of OpenID Connect tells the claims, without what binds them to the flow', async () => {
    const domain = await fixture.provenDomain(project)
    const draft = await fixture.connect(project.id, { name: 'Acme', protocol: 'oidc', domains: [domain] })
    const { redirect_uri: redirectUri } = (draft as unknown as { service_provider: { redirect_uri: string } }).service_provider
    const idp = await startOidcServer([redirectUri])
    const oidc = { issuer: idp.issuer, client_id: idp.clientId, client_secret: idp.clientSecret }
    await fixture.change(project.id, draft.id, { oidc, state: 'testing' })
    idp.account = { sub: 'ada', email: `ada@${domain}`, email_verified: false, groups: ['Bosses'] }
    const made = await fixture.control.call('POST', at(draft.id, '/tests'))
    const browser = new BrowserClient()
    const landed = await browser.travel(made.body.data.url as string, (url) => url.href.startsWith(redirectUri))
    const read = async () => (await fixture.control.call('GET', at(draft.id, `/attempts/${made.body.data.id}`))).body.data
    expect((await read()).state).toBe('started')
    expect((await browser.open(landed.href)).text).toContain('The test went through')
    const { state, report } = await read()
    expect([state, report.account, report.person.groups, report.assertion.subject]).toEqual(['accepted', 'created', ['Bosses'], 'ada'])
    const names = (report.assertion.attributes as { name: string }[]).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['sub', 'email', 'groups']))
    expect(names.filter((name) => ['nonce', 'at_hash', 'access_token'].includes(name))).toEqual([])
    await idp.close()
  })

  test('is kept with the last twenty, for a day; forged answers of others push none of them out', async () => {
    const { id, domain } = await samlConnection(fixture, project)
    for (let time = 0; time < 22; time += 1) expect((await fixture.control.call('POST', at(id, '/tests'))).status).toBe(201)
    const text = `insert into auth.sso_attempt (project_id, id, connection_id, test, state, report, created_at, finished_at, expires_at)
      select $1, gen_random_uuid(), $2, false, 'refused', null, now() - n * interval '1 second', now(), now() + interval '1 day'
      from generate_series(1, 60) n`
    await fixture.owner.query(text, [project.uuid, id])
    await signInBySaml(project.base, { connection_id: id }, { attributes: { email: `ada@${domain}` } })
    const kept = (await attempts(id)) as { test: boolean; state: string }[]
    expect([kept.filter(({ test: isTest }) => isTest).length, kept.filter(({ test: isTest }) => !isTest).length]).toEqual([20, 50])
    expect(kept[0]).toMatchObject({ test: false, state: 'accepted', report: { account: 'created', person: null, assertion: null } })
    await fixture.owner.query(`update auth.sso_attempt set expires_at = now() - interval '1 second' where connection_id = $1`, [id])
    expect(await attempts(id)).toEqual([])
    expect((await fixture.control.call('GET', at(id, `/attempts/${randomUUID()}`))).status).toBe(404)
  })
})

describe('the log of refused sign-ins', () => {
  test('names whoever has an account, the domain of whoever has none, and nobody whom no signature vouches for', async () => {
    const { id, domain } = await samlConnection(fixture, project, { create_users: false })
    const email = `disabled@${domain}`
    const made = await fixture.control.call('POST', `projects/${project.id}/users`, { email })
    const userId = (made.body.data as { id: string }).id
    await fixture.control.call('POST', `projects/${project.id}/users/${userId}/disable`)
    await signInBySaml(project.base, { connection_id: id }, { nameId: 'd', attributes: { email } })
    await signInBySaml(project.base, { connection_id: id }, { nameId: 'n', attributes: { email: `nobody@${domain}` } })
    await signInBySaml(project.base, { connection_id: id }, { nameId: 'f', signed: 'none', attributes: { email: `forged@${domain}` } })
    const rows = (await fixture.audit(project.uuid, 'sign_in.refused')).map(({ metadata }) => metadata).slice(-3)
    const known = { method: 'saml', connection: 'Acme', reason: 'access_denied', end_user_id: userId, email_domain: domain }
    expect(rows[0]).toMatchObject(known)
    expect(rows[1]).toMatchObject({ reason: 'signups_disabled', email_domain: domain })
    expect(rows[1]).not.toHaveProperty('end_user_id')
    expect(rows[2]).not.toHaveProperty('email_domain')
    expect(JSON.stringify(rows)).not.toMatch(/nobody|forged@/)
  })
})
