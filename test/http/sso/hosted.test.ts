import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import { inBase64, readSamlRequest, samlXml } from '../../support/saml-idp.js'
import { APP_CALLBACK, atApp, PASSWORD, proofKey } from '../../support/sign-in-fixture.js'
import { samlConnection, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

let fixture: SsoFixture
let project: Awaited<ReturnType<SsoFixture['project']>>
beforeAll(async () => {
  fixture = await startSsoFixture()
  project = await fixture.project(['email'])
})
afterAll(() => fixture?.close())

const onwardOf = (page: string) => new URL(/<a class="button" href="([^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&'))

test('our sign-in page asks the address first once a connection is in use, and leads its people there and back to the app', async () => {
  const key = proofKey()
  const asked = { redirect_to: APP_CALLBACK, code_challenge: key.challenge, code_challenge_method: 'S256', state: 'app-state' }
  const page = `${project.base}/sign-in?${new URLSearchParams(asked)}`
  expect((await new BrowserClient().open(page)).text).toContain('type="password"')
  const { domain } = await samlConnection(fixture, project)
  const browser = new BrowserClient()
  const first = await browser.open(page)
  expect([first.text.includes('type="password"'), first.text.includes('name="email"')]).toEqual([false, true])
  const token = /name="form_token" value="([^"]+)"/.exec(first.text)![1]!
  const answer = (email: string) => browser.open(page, { form: { form_token: token, intent: 'address', email } })
  expect((await answer('no address')).status).toBe(422)
  const local = await answer('somebody@elsewhere.example')
  expect([local.text.includes('type="password"'), local.text.includes('somebody@elsewhere.example')]).toEqual([true, true])
  const away = await answer(`ada@${domain}`)
  const request = readSamlRequest({ url: onwardOf(away.text) })
  const xml = await samlXml(request, { nameId: 'ada', attributes: { email: `ada@${domain}` } })
  const back = await browser.open(request.acsUrl, { form: { SAMLResponse: inBase64(xml), RelayState: request.relayState } })
  const landed = await browser.travel(back.location!, atApp)
  const session = await call(`${project.base}/token/exchange`, { body: { code: landed.searchParams.get('code'), code_verifier: key.verifier } })
  expect([session.status, session.body.user.email, landed.searchParams.get('state')]).toEqual([200, `ada@${domain}`, 'app-state'])
})

test('who types a password where the company asks for its own sign-in is led there', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const email = `bob@${domain}`
  await signUp(project.base, { email, password: PASSWORD })
  await fixture.owner.query(`update auth.sso_connection set enforce = true where project_id = $1 and id = $2`, [project.uuid, id])
  const asked = { redirect_to: APP_CALLBACK, code_challenge: proofKey().challenge, code_challenge_method: 'S256' }
  const page = `${project.base}/sign-in?${new URLSearchParams(asked)}`
  const browser = new BrowserClient()
  const token = /name="form_token" value="([^"]+)"/.exec((await browser.open(page)).text)![1]!
  const away = await browser.open(page, { form: { form_token: token, intent: 'password', email, password: PASSWORD } })
  expect(onwardOf(away.text).searchParams.has('SAMLRequest')).toBe(true)
})

test('whoever is known to come in by their company alone is led there at once; who may break the glass finds the other ways', async () => {
  const { id, domain } = await samlConnection(fixture, project)
  const asked = { redirect_to: APP_CALLBACK, code_challenge: proofKey().challenge, code_challenge_method: 'S256' }
  const open = (more: Record<string, string>) => new BrowserClient().open(`${project.base}/sign-in?${new URLSearchParams({ ...asked, ...more })}`)
  const hint = { login_hint: `carol@${domain}` }
  // One way among others: the address is asked, and others may be chosen.
  const first = await open(hint)
  expect([first.text.includes('name="email"'), first.text.includes('type="password"')]).toEqual([true, false])
  await fixture.owner.query(`update auth.sso_connection set enforce = true where project_id = $1 and id = $2`, [project.uuid, id])
  expect(onwardOf((await open(hint)).text).searchParams.has('SAMLRequest')).toBe(true)
  for (const other of [{ login_hint: 'dave@elsewhere.example' }, { login_hint: 'no address' }, {}])
    expect((await open(other)).text).toContain('name="email"')
  const all = /href="([^"]*ways=all)"/.exec((await open({})).text)![1]!.replaceAll('&amp;', '&')
  expect((await new BrowserClient().open(new URL(all, project.base))).text).toContain('type="password"')
  expect((await open({ ...hint, ways: 'all' })).text).toContain('type="password"')
})
