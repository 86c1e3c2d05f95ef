import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { verifyHook } from '../../libs/sdk-js/verify-hook.js'
import { findings, openWatched } from '../support/console-browser.js'
import { idpMetadata } from '../support/saml-idp.js'
import { connect } from '../support/sql.js'
import { atTheIdentityProvider } from './at-the-identity-provider.js'
import type { Stand } from './stand.js'

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** With companies that bring an identity provider, and with what decides for the app. */
export function whatAnOperatorDoesForCompanies(stand: Stand): void {
  test('a hook: set up with its secret, tried while it is away and once it answers, off and away', async () => {
    const { stage, browser } = stand
    const asked: { headers: Headers; body: string }[] = []
    let answer = 500
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        asked.push({ headers: new Headers(request.headers as Record<string, string>), body })
        response.writeHead(answer, { 'content-type': 'application/json' }).end('{"decision":"deny","message":"Not this one."}')
      })
    })
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/portico`
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Asked' })
    await stage.api('POST', `projects/${id}/auth`)
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/hooks`)
    await page.getByText('Nobody is asked yet').waitFor()
    const row = page.getByRole('listitem', { name: 'Before a sign-in' })
    await row.getByRole('button', { name: 'Set up' }).click()
    await page.getByLabel('URL', { exact: true }).fill('not a url')
    await button(page, 'Set it up').click()
    await page.getByText(/must be an? .*URL/).waitFor()
    await page.getByLabel('URL', { exact: true }).fill(url)
    await page.getByLabel('Go on: as if the answer was yes').check()
    expect(await findings(page)).toEqual([])
    await button(page, 'Set it up').click()
    const secret = (await page.getByLabel('signing secret', { exact: true }).textContent()) ?? ''
    await button(page, 'I have kept it').click()
    await row.getByText('on', { exact: true }).waitFor()

    await row.getByRole('button', { name: 'Test' }).click()
    await row.getByText('There was no answer').waitFor()
    answer = 200
    await row.getByRole('button', { name: 'Test' }).click()
    await row.getByText('It said: Not this one.', { exact: false }).waitFor()
    await expect(verifyHook(asked.at(-1)!, secret)).resolves.toMatchObject({ type: 'before_sign_in' })
    expect(await stage.api('GET', `projects/${id}/hooks`)).toMatchObject([{ hook: 'before_sign_in', on_failure: 'allow', enabled: true }])

    // Shown before the answer, and taken back where the answer is no.
    const turnOff = async () => {
      await row.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: 'Turn off' }).click()
      await row.getByText('off', { exact: true }).waitFor()
    }
    let answerNow = () => undefined as void
    const held = new Promise<void>((answers) => (answerNow = answers))
    await page.route('**/hooks/before_sign_in', async (route) => {
      await held
      const error = { code: 'validation_error', message: 'Not today.', request_id: 'req_1', details: [] }
      await route.fulfill({ status: 422, contentType: 'application/json', body: JSON.stringify({ error }) })
    })
    await turnOff()
    answerNow()
    await row.getByText('on', { exact: true }).waitFor()
    await page.unroute('**/hooks/before_sign_in')
    await turnOff()
    await page.getByText('The hook is off: nobody is asked').waitFor()
    await row.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Remove' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('before_sign_in')
    await button(page, 'Remove it').click()
    await page.getByText('Nobody is asked yet').waitFor()
    expect(problems.filter((problem) => !/status of 422/.test(problem))).toEqual([])
    await context.close()
    server.closeAllConnections()
    server.close()
  })

  test('a company with an identity provider: a domain proven, a connection led through, mapped, tried, active, and taken out of use', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'With companies' })
    await stage.api('POST', `projects/${id}/auth`, { organizations: 'managed' })
    await stage.api('POST', `projects/${id}/organizations`, { name: 'Acme' })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/sso`)
    await page.getByText('No company comes in by its own yet').waitFor()
    await button(page, 'Add domain').click()
    await page.getByRole('dialog').getByLabel('Domain').fill('acme.example')
    await page.getByRole('dialog').getByRole('radio', { name: /^Acme/ }).check()
    expect(await findings(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Add it' }).click()
    await page.getByText('waits for its proof').waitFor()
    await page.getByText('_sso-domain.acme.example').waitFor()
    const sql = await connect(stage.databaseUrl)
    await sql.query('update auth.email_domain set verified_at = now() where project_id = $1', [id.replace('proj_', '')])
    await sql.close()

    await button(page, 'New connection').click()
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Acme by Okta')
    await page.getByRole('dialog').getByRole('radio', { name: /^Acme/ }).check()
    await button(page, 'Make it').click()
    await page.getByRole('heading', { level: 1, name: 'Acme by Okta' }).waitFor()
    const [made] = await stage.api<{ id: string; service_provider: { acs_url: string } }[]>('GET', `projects/${id}/sso/connections`)
    await button(page, 'Okta').click()
    await page.getByLabel(`Copy Single sign-on URL ${made?.service_provider.acs_url}`).waitFor()
    expect(await button(page, 'Start testing').getAttribute('title')).toMatch(/not known yet/)
    await page.getByLabel('Or the metadata themselves').fill('<nothing/>')
    await page.getByRole('region', { name: 'What it says of itself' }).getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').first().waitFor()
    await page.getByLabel('Or the metadata themselves').fill(idpMetadata())
    await page.getByRole('region', { name: 'What it says of itself' }).getByRole('button', { name: 'Save' }).click()
    await page.getByText(/Certificate, good until/).waitFor()
    // What metadata do not say: every field of the API has its place here.
    await page.getByText('Signatures, names and signing out').click()
    await page.getByLabel('Its logout address').fill('not an address')
    await page.getByRole('region', { name: 'What it says of itself' }).getByRole('button', { name: 'Save' }).click()
    await page.getByText('This must be an https URL.').first().waitFor()
    await page.getByLabel('Its logout address').fill('')
    await page.getByLabel('Kind of NameID that is asked for').selectOption('email address')
    expect(await findings(page)).toEqual([])
    await page.getByRole('region', { name: 'What it says of itself' }).getByRole('button', { name: 'Save' }).click()
    const saved = () => stage.api<{ saml: Record<string, unknown> }>('GET', `projects/${id}/sso/connections/${made?.id}`).then(({ saml }) => saml)
    await expect.poll(async () => (await saved())['name_id_format']).toMatch(/emailAddress$/)
    // Where it signs out, and how: saved, read back, and the part that was opened for it is open still when the form is begun anew.
    await page.reload()
    await page.getByText('Signatures, names and signing out').click()
    const form = page.getByRole('region', { name: 'What it says of itself' }).locator('form')
    await form.evaluate((element: unknown) => {
      ;(element as { setAttribute(name: string, value: string): void }).setAttribute('data-before', '')
    })
    const [address, binding] = [page.getByLabel('Its logout address'), page.getByLabel('Our answers to its logout requests go by')]
    await address.fill('https://idp.acme.example/slo')
    await binding.selectOption('a form (POST)')
    await form.getByRole('button', { name: 'Save' }).click()
    await page.locator('form:not([data-before])').filter({ has: address }).waitFor()
    await address.waitFor()
    expect([await address.inputValue(), await binding.inputValue()]).toEqual(['https://idp.acme.example/slo', 'post'])
    expect(await saved()).toMatchObject({ slo_url: 'https://idp.acme.example/slo', slo_binding: 'post' })

    const mapping = page.getByRole('region', { name: 'Who comes in as whom' })
    await mapping.getByRole('button', { name: 'Another group' }).click()
    await mapping.getByLabel('group 1').fill('Bosses')
    await mapping.getByLabel('role 1').selectOption('admin')
    expect(await findings(page)).toEqual([])
    await mapping.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The mapping is saved', { exact: false }).waitFor()
    // It is checked once the server has said so.
    await page.getByLabel('acme.example').click()
    await page.getByText('Saved, and counts from now on').waitFor()
    await button(page, 'Start testing').click()
    await page.getByText('It is being tested').waitFor()

    await button(page, 'Test sign-in').click()
    const dialog = page.getByRole('dialog')
    const url = (await dialog.getByLabel('address', { exact: true }).textContent()) ?? ''
    await dialog.getByText('Waits for somebody to open it').waitFor()
    expect(await findings(page)).toEqual([])
    await atTheIdentityProvider(url, { nameId: 'ada-1', attributes: { email: 'ada@acme.example', displayName: 'Ada', groups: ['Bosses'] } })
    await dialog.getByText('The test went through').waitFor()
    await dialog.getByText('one would be made').waitFor()
    await dialog.getByText('by the group Bosses', { exact: false }).waitFor()
    await dialog.getByRole('region', { name: 'What it said' }).getByText('ada-1', { exact: true }).waitFor()
    expect(await findings(page)).toEqual([])
    await button(page, 'Done').click()
    expect(await stage.api('GET', `projects/${id}/users`)).toEqual([])
    await button(page, 'Test sign-in').click()
    const second = (await dialog.getByLabel('address', { exact: true }).textContent()) ?? ''
    await button(page, 'Read it later').click()
    await atTheIdentityProvider(second, { nameId: 'eve-1', audience: 'https://other.example', attributes: { email: 'eve@acme.example' } })
    await page.getByRole('button', { name: /The assertion is for another audience/ }).click()
    await page.getByText('https://other.example', { exact: true }).waitFor()
    expect(await findings(page)).toEqual([])

    // A key of ours, and the next one in its place.
    const keys = page.getByRole('region', { name: 'Our own keys' })
    await keys.getByRole('switch', { name: 'Sign our requests' }).click()
    await keys.getByText('signs', { exact: true }).waitFor()
    await keys.getByRole('button', { name: 'New key' }).click()
    await keys.getByText('stands by').waitFor()
    expect(await keys.getByRole('button', { name: 'New key' }).getAttribute('title')).toMatch(/two already/)
    expect(await keys.getByRole('button', { name: /^Remove/ }).first().getAttribute('title')).toMatch(/It signs/)
    expect(await findings(page)).toEqual([])
    await keys.getByRole('button', { name: /^Let it sign/ }).click()
    await page.getByText('It signs from now on').waitFor()
    await keys.getByRole('button', { name: /^Remove/ }).first().click()
    await dialog.getByRole('textbox').fill((await dialog.locator('strong').textContent()) ?? '')
    await button(page, 'Remove it').click()
    await page.getByText('The key is removed', { exact: false }).waitFor()
    expect(await stage.api('GET', `projects/${id}/sso/connections/${made?.id}/keys`)).toMatchObject([{ signs: true }])

    await button(page, 'Activate').click()
    await button(page, 'Take out of use').waitFor()
    const after = await stage.api('GET', `projects/${id}/sso/connections/${made?.id}`)
    expect(after).toMatchObject({ state: 'active', domains: ['acme.example'], roles: [{ group: 'Bosses', role: 'admin' }] })
    // Nobody has come in by it: it cannot be the only way.
    await page.getByRole('switch', { name: 'The only way in' }).click()
    await page.getByRole('alert').first().waitFor()
    expect(await stage.api('GET', `projects/${id}/sso/connections/${made?.id}`)).toMatchObject({ enforce: false })
    await button(page, 'Take out of use').first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it out of use' }).click()
    await page.getByText('It is being tested').waitFor()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('Acme by Okta')
    await button(page, 'Remove it').click()
    await page.getByText('No company comes in by its own yet').waitFor()

    // For the day on which an identity provider is away.
    await stage.api('POST', `projects/${id}/users`, { email: 'grace@acme.example' })
    const glass = page.getByRole('region', { name: 'Break-glass people' })
    await glass.getByRole('button', { name: 'Add person' }).click()
    await dialog.getByLabel('Email address').fill('nobody@acme.example')
    await dialog.getByRole('button', { name: 'Add' }).click()
    await dialog.getByText('Nobody has an account with that address.').waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByLabel('Email address').fill('grace@acme.example')
    await dialog.getByRole('button', { name: 'Add' }).click()
    await glass.getByRole('link', { name: 'grace@acme.example' }).waitFor()
    expect(await stage.api('GET', `projects/${id}/sso/break-glass`)).toMatchObject([{ email: 'grace@acme.example' }])
    await glass.getByRole('button', { name: 'Remove grace@acme.example' }).click()
    await glass.getByText(/^Nobody\./).waitFor()
    expect(await stage.api('GET', `projects/${id}/sso/break-glass`)).toEqual([])
    expect(problems.filter((problem) => !/status of 4(04|09|22)/.test(problem))).toEqual([])
    await context.close()
  })

  test('a directory: made for an organization, its token shown once, used, seen in the log, and removed', async () => {
    const { stage, browser } = stand
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'In step' })
    await stage.api('POST', `projects/${id}/auth`, { organizations: 'managed' })
    await stage.api('POST', `projects/${id}/organizations`, { name: 'Acme' })
    const { page, context, problems } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.goto(`${stage.origin}/console/projects/${id}/directories`)
    await page.getByText('No directory yet').waitFor()
    await button(page, 'New directory').click()
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Entra of Acme')
    await page.getByRole('dialog').getByRole('radio', { name: /^Acme/ }).check()
    await button(page, 'Make it').click()
    await page.getByRole('heading', { level: 1, name: 'Entra of Acme' }).waitFor()
    await button(page, 'New token').click()
    const token = (await page.getByLabel('token', { exact: true }).textContent()) ?? ''
    await button(page, 'I have kept it').click()
    expect(await page.content()).not.toContain(token)
    const [directory] = await stage.api<{ id: string; scim_url: string }[]>('GET', `projects/${id}/directories`)
    const make = () => fetch(`${directory?.scim_url}/Users`, {
      method: 'POST',
      headers: { 'content-type': 'application/scim+json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada@acme.example' }),
    })
    expect([(await make()).status, (await make()).status]).toEqual([201, 409])
    await page.reload()
    await page.getByText('A person was made').waitFor()
    await page.getByText('409', { exact: true }).waitFor()
    await page.getByLabel('Which').selectOption('refused')
    await page.getByText('A person was made').waitFor({ state: 'detached' })
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: /^Remove .{4}/ }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').fill((await dialog.locator('strong').textContent()) ?? '')
    await button(page, 'Remove it').click()
    await page.getByText('without one the identity provider is refused', { exact: false }).waitFor()
    await expect.poll(async () => (await make()).status).toBe(401)
    expect(problems.filter((problem) => !/status of 4(04|22)/.test(problem))).toEqual([])
    await context.close()
  })
}
