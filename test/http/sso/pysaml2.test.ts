import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { IDP_KEY } from '../../support/saml-keys.js'
import { proofKey } from '../../support/sign-in-fixture.js'
import { postSaml, samlConnection, ssoStart, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

const PYTHON = '/usr/bin/python3'
const isThere = spawnSync(PYTHON, ['-c', 'import saml2']).status === 0 && spawnSync('xmlsec1', ['--version']).status === 0

/** A second judge: Debian's pysaml2 with xmlsec1, of which no line is shared with our library or with `samlp`. */
describe.skipIf(!isThere)('with pysaml2 as the identity provider', () => {
  let fixture: SsoFixture
  let project: Awaited<ReturnType<SsoFixture['project']>>
  let connection: { id: string; domain: string }
  let folder: string
  let idp: ChildProcess
  let url: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-pysaml2-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    await Promise.all([writeFile(key, IDP_KEY.key), writeFile(cert, IDP_KEY.cert)])
    idp = spawn(PYTHON, [new URL('../../support/pysaml2-idp.py', import.meta.url).pathname, key, cert], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line, started] = await Promise.all([
      new Promise<string>((done) => createInterface({ input: idp.stdout! }).once('line', done)),
      startSsoFixture(),
    ])
    fixture = started
    url = `http://127.0.0.1:${/^listening (\d+)$/.exec(line)![1]}`
    project = await fixture.project(['email'])
    const saml = { metadata_xml: undefined, metadata_url: `${url}/metadata`, sign_requests: true }
    connection = await samlConnection(fixture, project, { saml })
    await tell({ sp: await (await fetch(`${project.base}/sso/${connection.id}/metadata`)).text() })
  })
  afterAll(async () => {
    idp?.kill()
    await fixture?.close()
    if (folder) await rm(folder, { recursive: true })
  })

  const tell = (said: Record<string, unknown>) => fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(said) })
  const field = (page: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1]?.replaceAll('&#43;', '+') ?? ''

  async function come() {
    const browser = new BrowserClient()
    const key = proofKey()
    const start = await browser.open(ssoStart(project.base, key, { connection_id: connection.id }))
    const form = { SAMLRequest: field(start.text, 'SAMLRequest'), RelayState: field(start.text, 'RelayState') }
    const page = start.location ? await browser.open(start.location) : await browser.open(`${url}/sso`, { form })
    expect(page.status, page.text).toBe(200)
    const acsUrl = /action="([^"]+)"/.exec(page.text)![1]!
    const fields = { SAMLResponse: field(page.text, 'SAMLResponse'), RelayState: field(page.text, 'RelayState') }
    const back = await postSaml(browser, acsUrl, fields)
    const code = back.location?.searchParams.get('code') ?? null
    const error = back.location?.searchParams.get('error') ?? null
    const session = code === null ? null : await call(`${project.base}/token/exchange`, { body: { code, code_verifier: key.verifier } })
    return { signed: page.text.includes('data-signed="true"'), error, session }
  }

  test.each(['assertion', 'response', 'both'] as const)('it reads our metadata and our signed request, and we its %s', async (signed) => {
    const [email, nameId] = [`${randomUUID().slice(0, 8)}@${connection.domain}`, randomUUID()]
    await tell({ signed, name_id: nameId, attributes: { mail: [email], displayName: ['Ada'] }, encrypt: false })
    const came = await come()
    expect([came.signed, came.error, came.session?.status]).toEqual([true, null, 200])
    expect(came.session!.body.user.email).toBe(email)
  })

  test('it verifies the request that is signed within, by POST', async () => {
    await fixture.change(project.id, connection.id, { saml: { binding: 'post' } })
    await tell({ signed: 'assertion', name_id: randomUUID(), attributes: { mail: [`${randomUUID().slice(0, 8)}@${connection.domain}`] } })
    const came = await come()
    expect([came.signed, came.error]).toEqual([true, null])
    await fixture.change(project.id, connection.id, { saml: { binding: 'redirect' } })
  })

  test('what it encrypts for the key in our metadata is opened', async () => {
    await tell({ signed: 'assertion', encrypt: true, name_id: randomUUID(), attributes: { mail: [`${randomUUID().slice(0, 8)}@${connection.domain}`] } })
    const came = await come()
    expect([came.error, came.session?.status]).toEqual([null, 200])
    await tell({ encrypt: false })
  })

  test('its logout ends the session that its assertion began, and it verifies our answer', async () => {
    await tell({ signed: 'assertion', name_id: randomUUID(), attributes: { mail: [`${randomUUID().slice(0, 8)}@${connection.domain}`] } })
    const { session } = await come()
    const token = session!.body.access_token as string
    const browser = new BrowserClient()
    const entityId = `${project.base}/sso/${connection.id}/metadata`
    const asked = await browser.open(`${url}/logout?${new URLSearchParams({ sp: entityId, index: '1' })}`)
    expect(asked.status, asked.text).toBe(302)
    const answer = await browser.open(asked.location!)
    expect(answer.status, answer.text).toBe(302)
    const taken = await browser.open(answer.location!)
    expect(taken.status, taken.text).toBe(200)
    expect(JSON.parse(taken.text)).toEqual({
      signed: true, status: 'urn:oasis:names:tc:SAML:2.0:status:Success', answers: true, relay_state: 'bye',
    })
    await expect.poll(async () => (await call(`${project.base}/user`, { token })).status).toBe(401)
  })

  test('an assertion of somebody else is not taken for its own', async () => {
    await tell({ signed: 'assertion', name_id: randomUUID(), attributes: { mail: ['ada@bank.example'] } })
    expect((await come()).error).toBe('email_not_verified')
  })
})
