import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, findings, launchChromium, openWatched } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'
import { startOidcServer } from '../support/oidc-server.js'
import { freePort } from '../support/redis-server.js'
import { connect } from '../support/sql.js'

const OWNER = { email: 'owner@example.com', password: 'a long enough sentence 7' }

describe.skipIf(!CHROMIUM)('who may open the console', () => {
  let browser: Browser
  let stage: ConsoleStage
  beforeAll(async () => {
    browser = await launchChromium()
    stage = await startConsoleStage()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  test('from open to sign-in with one button: the first owner, a member, out, and in again by the sign-in page', async () => {
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    // The sign-in page is the data plane's, at an origin of its own.
    await context.unrouteAll()
    await page.goto(`${stage.origin}/console/projects`)
    await page.getByRole('link', { name: 'Turn sign-in on' }).click()
    await page.getByLabel('Email address of the first owner').fill(OWNER.email)
    await page.getByLabel('A new password').fill(OWNER.password)
    await page.getByRole('button', { name: 'Turn sign-in on' }).click()
    await page.getByText('Sign-in is on', { exact: true }).waitFor()
    expect(await page.getByText('whoever reaches this address is an owner', { exact: false }).count()).toBe(0)

    await page.getByRole('link', { name: 'Team' }).click()
    await page.getByRole('table', { name: 'Members' }).getByText(OWNER.email).waitFor()
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.getByRole('dialog').getByLabel('Email address').fill('grace@example.com')
    await page.getByRole('dialog').getByLabel('Role').selectOption('viewer')
    expect(await findings(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
    await page.getByRole('table', { name: 'Members' }).getByText('grace@example.com').waitFor()

    await page.getByRole('button', { name: /^owner@example.com owner$/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in to Portico' }).waitFor()
    expect(await findings(page)).toEqual([])
    const refused = await context.request.get(`${stage.origin}/api/v1/projects`)
    expect(refused.status()).toBe(401)

    await page.goto(`${stage.origin}/console/team`)
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.getByLabel('Email address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByRole('button', { name: /^Sign in$/ }).click()
    // Where the reader wanted to be.
    await page.getByRole('table', { name: 'Members' }).getByText(OWNER.email).waitFor()
    expect(new URL(page.url()).pathname).toBe('/console/team')

    // A program on some machine asks to be let in: its code is shown with who asks, and decided here.
    const ask = async (path: string, body: object) => {
      const answer = await fetch(`${stage.origin}/api/v1/device/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return (await answer.json()) as { data: Record<string, string> }
    }
    const { data: asked } = await ask('code', { client_name: 'The laptop' })
    await page.goto(asked['verification_uri_complete'] ?? '')
    await page.getByText('Let The laptop in?').waitFor()
    await page.getByText(asked['user_code'] ?? '', { exact: true }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Let it in' }).click()
    await page.getByText('The laptop is in').waitFor()
    expect((await ask('token', { device_code: asked['device_code'] })).data['key']).toMatch(/^msk_/)
    await page.goto(asked['verification_uri_complete'] ?? '')
    await page.getByText('There is no such code').waitFor()
    await context.close()
  })

  test('who belongs to two workspaces goes from one to the other, and sees nothing of the first there', async () => {
    await stage.api('POST', 'projects', { name: 'Unseen Bakery' })
    const sql = await connect(stage.databaseUrl)
    const second = await stage.api<{ id: string }>('POST', 'tenants', { name: 'Second House' })
    await sql.query(
      `insert into platform.member (tenant_id, user_id, role, break_glass, source, created_at, updated_at)
       select $1, user_id, 'viewer', false, 'team', now(), now() from platform.member where role = 'owner' limit 1`,
      [second.id.replace('tnt_', '')],
    )
    await sql.close()
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280, also: [stage.dataPlane] })
    await page.goto(`${stage.origin}/console/projects`)
    await page.getByRole('link', { name: 'Continue' }).click()
    await page.getByLabel('Email address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByRole('button', { name: /^Sign in$/ }).click()
    await page.getByText('Unseen Bakery').waitFor()
    await page.getByTitle('Other workspaces').click()
    await page.getByRole('menuitem', { name: /Second House/ }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('menuitem', { name: /Second House/ }).click()
    await page.getByRole('button', { name: 'Second House' }).waitFor()
    await page.goto(`${stage.origin}/console/projects`)
    await page.getByText('The first project').waitFor()
    expect(await page.content()).not.toContain('Unseen Bakery')
    expect(await page.getByRole('button', { name: 'New project' }).first().getAttribute('title')).toMatch(/lacks projects\.write/)
    await context.close()
  })

  // Further processes on the same database: the console's own project answers the address of the last that started.
  test('by a token, from nothing: counts and nobody’s name before it, the key typed once, out again', async () => {
    const origin = await stage.beside({ PORTICO_CONSOLE_ACCESS: 'token' })
    const { page, context, problems } = await openWatched(browser, origin, { width: 1280 })
    await page.goto(`${origin}/console/projects`)
    await page.getByRole('heading', { level: 1, name: 'Open with an API key' }).waitFor()
    await page.getByText('Sign-ins in 24 hours').waitFor()
    expect(await page.content()).not.toContain('Unseen Bakery')
    expect((await context.request.get(`${origin}/api/v1/projects`)).status()).toBe(403)
    expect(await findings(page)).toEqual([])
    await page.getByLabel('API key').fill('msk_test_this_is_not_one')
    await page.getByRole('button', { name: 'Open the console' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('API key').fill(stage.key)
    await page.getByRole('button', { name: 'Open the console' }).click()
    await page.getByText('Unseen Bakery').waitFor()
    // The key is in a cookie that no script reads, and nowhere else.
    expect(await page.evaluate('document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain('msk_')
    await page.reload()
    await page.getByText('Unseen Bakery').waitFor()
    await page.getByRole('button', { name: /^API key/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Open with an API key' }).waitFor()
    expect((await context.request.get(`${origin}/api/v1/projects`)).status()).toBe(403)
    expect(problems.filter((problem) => !/status of 4\d\d/.test(problem))).toEqual([])
    await context.close()
  })

  test('into the demo with one press, where nothing can be changed, and out again with one', async () => {
    const origin = await stage.beside({ PORTICO_CONSOLE_ACCESS: 'token', PORTICO_DEMO: '1' })
    const { page, context, problems } = await openWatched(browser, origin, { width: 1280 })
    await page.goto(`${origin}/console/projects`)
    await page.getByRole('heading', { level: 1, name: 'Open with an API key' }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Enter the demo' }).click()
    await page.getByRole('region', { name: 'Demo' }).getByText('made-up projects', { exact: false }).waitFor()
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('link', { name: 'Projects' }).click()
    await page.getByText('Orbit Chess').waitFor()
    expect(await page.content()).not.toContain('Unseen Bakery')
    expect(await page.getByRole('button', { name: 'New project' }).getAttribute('title')).toMatch(/lacks projects\.write/)
    await page.getByRole('link', { name: 'Orbit Chess' }).click()
    await page.getByRole('link', { name: 'People' }).click()
    await page.getByText('ada@demo-3.example').waitFor()
    await page.getByRole('button', { name: 'Leave the demo' }).click()
    await page.getByRole('heading', { level: 1, name: 'Open with an API key' }).waitFor()
    expect((await context.request.get(`${origin}/api/v1/projects`)).status()).toBe(403)
    expect(problems.filter((problem) => !/status of 403/.test(problem))).toEqual([])
    await context.close()
  })

  test('by an outside issuer, from nothing: the groups say who may do what, the next sign-in takes it back, and without the issuer the glass is broken', async () => {
    const port = await freePort()
    const origin = `http://localhost:${port}`
    const issuer = await startOidcServer([`${origin}/api/v1/console/callback`])
    await stage.beside(
      {
        PORTICO_CONSOLE_ACCESS: 'oidc',
        PORTICO_CONSOLE_OIDC_ISSUER: issuer.issuer,
        PORTICO_CONSOLE_OIDC_CLIENT_ID: issuer.clientId,
        PORTICO_CONSOLE_OIDC_CLIENT_SECRET: issuer.clientSecret,
        PORTICO_CONSOLE_OIDC_GROUPS_CLAIM: 'groups',
        PORTICO_CONSOLE_OIDC_ADMIN_GROUPS: 'portico-admins',
        PORTICO_CONSOLE_OIDC_EDITOR_GROUPS: 'developers',
      },
      port,
    )
    const comeIn = async (groups: string[]) => {
      issuer.account = { sub: 'corp-1', email: 'joan@corp.example', email_verified: true, groups }
      const { page, context, problems } = await openWatched(browser, origin, { width: 1280, also: [issuer.issuer] })
      await page.goto(`${origin}/console/api-keys`)
      await page.getByRole('link', { name: 'Continue with single sign-on' }).click()
      await page.getByRole('button', { name: 'Continue as corp-1' }).click()
      await page.getByRole('button', { name: /^joan@corp.example/ }).waitFor()
      return { page, context, problems }
    }
    const admin = await comeIn(['portico-admins'])
    await admin.page.getByRole('button', { name: 'New key' }).waitFor()
    expect(await admin.page.getByRole('button', { name: 'New key' }).getAttribute('aria-disabled')).toBeNull()
    const viewer = await comeIn([])
    await viewer.page.goto(`${origin}/console/projects`)
    expect(await viewer.page.getByRole('button', { name: 'New project' }).getAttribute('title')).toMatch(/lacks projects\.write/)
    expect(await viewer.page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
    // The session of before has no more than the last sign-in gave.
    await admin.page.reload()
    await admin.page.getByRole('button', { name: /^joan@corp.example viewer/ }).waitFor()
    expect([...admin.problems, ...viewer.problems].filter((problem) => !/status of 403/.test(problem))).toEqual([])
    await Promise.all([admin.context.close(), viewer.context.close(), issuer.close()])

    // The day on which the issuer is away: who may break the glass comes in by the sign-in page of the console's own project.
    const glass = await openWatched(browser, origin, { width: 1280, also: [stage.dataPlane] })
    await glass.page.goto(`${origin}/console/team`)
    await glass.page.getByRole('link', { name: /The issuer is down/ }).click()
    await glass.page.getByLabel('Email address').fill(OWNER.email)
    await glass.page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await glass.page.getByRole('button', { name: /^Sign in$/ }).click()
    await glass.page.getByRole('button', { name: /^owner@example.com owner$/ }).waitFor()
    expect(new URL(glass.page.url()).pathname).toBe('/console/team')
    await glass.context.close()
  })
})
