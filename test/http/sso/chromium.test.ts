import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { idpMetadata, inBase64, readSamlRequest, samlXml } from '../../support/saml-idp.js'
import { proofKey } from '../../support/sign-in-fixture.js'
import { samlConnection, startSsoFixture, type SsoFixture } from '../../support/sso-fixture.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

async function serve(handle: (request: IncomingMessage) => Promise<string>): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    handle(request).then(
      (page) => response.writeHead(200, { 'content-type': 'text/html' }).end(page),
      () => response.destroy(),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, port: (server.address() as AddressInfo).port }
}

describe.skipIf(!CHROMIUM)('in a real browser', () => {
  let fixture: SsoFixture
  let project: Awaited<ReturnType<SsoFixture['project']>>
  let browser: Browser
  let app: { server: Server; port: number }
  let idp: { server: Server; port: number }
  let email = ''
  beforeAll(async () => {
    fixture = await startSsoFixture({ dataPlaneHost: 'localhost' })
    app = await serve((request) => Promise.resolve(`<!doctype html><title>app</title><p id="at">${(request.url ?? '').replaceAll('&', '&amp;')}</p>`))
    // Of another site than ours: 127.0.0.1 and localhost are two.
    idp = await serve(async (request) => {
      const url = new URL(request.url ?? '/', 'http://idp.test')
      const form = new URLSearchParams(await bodyOf(request))
      const fields = `name="SAMLRequest" value="${form.get('SAMLRequest')}" name="RelayState" value="${form.get('RelayState')}"`
      const asked = readSamlRequest(url.searchParams.has('SAMLRequest') ? { url } : { form: fields })
      const xml = await samlXml(asked, { nameId: email, attributes: { email } })
      return `<!doctype html><form method="post" action="${asked.acsUrl}"><input type="hidden" name="SAMLResponse" value="${inBase64(xml)}"><input
        type="hidden" name="RelayState" value="${asked.relayState}"></form><script>document.forms[0].submit()</script>`
    })
    project = await fixture.project(['email'], { redirect_urls: [`http://localhost:${app.port}/callback`] })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    app?.server.close()
    idp?.server.close()
    await fixture?.close()
  })

  test.each([false, true])('SAML there and back, with an identity provider of another site (by POST: %s)', async (post) => {
    const metadata = idpMetadata({ ssoUrl: `http://127.0.0.1:${idp.port}/sso`, post })
    const { domain } = await samlConnection(fixture, project, { saml: { metadata_xml: metadata } })
    email = `ada@${domain}`
    const context = await browser.newContext()
    const page = await context.newPage()
    const asked = { redirect_to: `http://localhost:${app.port}/callback`, code_challenge: proofKey().challenge, code_challenge_method: 'S256' }
    await page.goto(`${project.base}/sign-in?${new URLSearchParams({ ...asked, state: 'app-state' })}`)
    await page.fill('input[name=email]', email)
    await page.click('button[type=submit]')
    await page.waitForURL(/localhost:\d+\/callback\?/)
    expect(await page.textContent('#at')).toMatch(/^\/callback\?code=[\w-]{43}&state=app-state$/)
    await context.close()
  })
})
