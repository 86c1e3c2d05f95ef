import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { testCommandLine, type TestCommandLine } from '../cli/run-portico.js'
import { withAdmin } from '../support/admin-client.js'
import { freePort } from '../support/redis-server.js'
import { startProduct, type RunningProduct } from '../support/running-product.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const FOLDER = fileURLToPath(new URL('../../examples/todo', import.meta.url))
const PASSWORD = 'correct horse battery 9!'

// Named, so that a run without a browser says what it did not see.
describe.skipIf(CHROMIUM === undefined)(`the example app in a real browser${CHROMIUM ? '' : ' (skipped: no chromium on this machine)'}`, () => {
  let product: RunningProduct
  let cli: TestCommandLine
  let browser: Browser
  let app: ChildProcess
  let output = ''
  let url: string
  let project: string
  const database = `todo_${randomBytes(4).toString('hex')}`

  beforeAll(async () => {
    product = await startProduct({ dataPlaneHost: 'localhost' })
    cli = await testCommandLine({ PORTICO_URL: product.controlUrl, PORTICO_API_KEY: product.key })
    const { adminUrl } = inject('servers')
    await withAdmin(adminUrl, (client) => client.query(`create database ${database}`))
    const databaseUrl = new URL(adminUrl)
    databaseUrl.pathname = `/${database}`

    // As the README says it, but for the database and the port.
    const port = await freePort()
    url = `http://localhost:${port}`
    const script = /```sh runs\n([\s\S]*?)```/.exec(readFileSync(`${FOLDER}/README.md`, 'utf8'))![1]!
      .replace('postgres://localhost/todo', databaseUrl.href)
      .replace('PORT=3000', `PORT=${port}`)
      // So that a signal reaches it and not the shell.
      .replace('portico run', 'exec portico run')
    expect(script).toContain(`PORT=${port}\n`)
    app = cli.startScript(script, { cwd: FOLDER })
    await new Promise<void>((done, fail) => {
      app.once('exit', () => fail(new Error(`the app ended: ${output}`)))
      for (const stream of [app.stdout, app.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text
          // Not the URL alone: the project's settings, printed before, have it too.
          if (output.includes(`Todo: ${url}`)) done()
        })
      }
    })
    project = ((await cli.json(['projects', 'list', '--search', 'Todo'])) as { id: string }[])[0]!.id
    browser = await chromium.launch({
      ...(CHROMIUM ? { executablePath: CHROMIUM } : {}),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  }, 90_000)

  afterAll(async () => {
    await browser?.close()
    if (app && app.exitCode === null) {
      const ended = new Promise((done) => app.once('exit', done))
      app.kill('SIGTERM')
      expect(await ended).toBe(0)
      const instances = (await cli.json(['instances', 'list', '--project', project])) as { live: boolean }[]
      expect(instances.filter((instance) => instance.live)).toEqual([])
    }
    cli?.remove()
    await product?.stop()
    await withAdmin(inject('servers').adminUrl, (client) => client.query(`drop database if exists ${database} with (force)`))
  }, 60_000)

  /** A person of their own: nothing is shared between them but the app. */
  async function visitor(): Promise<Page> {
    const context = await browser.newContext()
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => (output += `page error: ${error.message}\n`))
    await page.goto(url)
    return page
  }

  async function fillLogin(page: Page, email: string, password: string): Promise<void> {
    await page.fill('#login [name=email]', email)
    await page.fill('#login [name=password]', password)
  }

  const message = (page: Page) => page.locator('#message').textContent()
  const items = (page: Page) => page.locator('#items label').allTextContents()

  async function add(page: Page, title: string): Promise<void> {
    await page.fill('#add [name=title]', title)
    await page.click('#add button')
    await page.locator('#items label', { hasText: title }).waitFor()
  }

  test('sign up, confirm, keep a list of one’s own, reset, log in again', { timeout: 90_000 }, async () => {
    const ada = await visitor()
    await fillLogin(ada, 'ada@example.com', PASSWORD)
    await ada.click('button[value=signup]')
    await ada.locator('#who', { hasText: 'ada@example.com' }).waitFor()
    await add(ada, 'Write the first program')
    await add(ada, '<img src=x onerror=alert(1)>')

    // The confirmation: opening the link does nothing yet, the button does.
    await ada.goto((await product.mailedLink('ada@example.com', /confirm/i)).href)
    expect(ada.url()).toBe(`${url}/`)
    await ada.click('#confirm button')
    await expect.poll(() => message(ada)).toContain('confirmed')
    expect(await cli.json(['users', 'show', 'ada@example.com', '--project', project])).toMatchObject({ email_verified: true })

    // Per-user data: the same app, the same table, another person.
    const grace = await visitor()
    await fillLogin(grace, 'grace@example.com', PASSWORD)
    await grace.click('button[value=signup]')
    await grace.locator('#who', { hasText: 'grace@example.com' }).waitFor()
    await add(grace, 'Find the moth')
    expect((await items(grace)).map((text) => text.trim())).toEqual(['Find the moth'])

    // Done, deleted, and still so after a reload, without logging in again.
    await ada.locator('#items li', { hasText: 'first program' }).locator('input').check()
    await ada.locator('#items li.done').waitFor()
    await ada.locator('#items li', { hasText: '<img' }).locator('button').click()
    await expect.poll(() => items(ada)).toHaveLength(1)
    await ada.reload()
    await ada.locator('#items li.done', { hasText: 'first program' }).waitFor()

    // Forgotten password.
    await ada.click('#logout')
    await ada.locator('#login').waitFor()
    await fillLogin(ada, 'ada@example.com', 'not the password')
    await ada.click('button[value=login]')
    await expect.poll(() => message(ada)).toMatch(/wrong/i)
    await ada.click('button[value=forgot]')
    await expect.poll(() => message(ada)).toContain('on its way')
    await ada.goto((await product.mailedLink('ada@example.com', /reset/i)).href)
    await ada.fill('#reset [name=password]', 'a new and longer password')
    await ada.click('#reset button')
    await expect.poll(() => message(ada)).toContain('Log in with it')
    await fillLogin(ada, 'ada@example.com', 'a new and longer password')
    await ada.click('button[value=login]')
    await ada.locator('#items li.done', { hasText: 'first program' }).waitFor()

    expect(output).not.toContain('page error')
  })

  test('a row of somebody else cannot be read, changed or deleted, not even by its id', { timeout: 60_000 }, async () => {
    const post = (path: string, body: unknown, bearer?: string, method = 'POST') =>
      fetch(path, {
        method,
        headers: { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
        ...(method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
      })
    const signUp = async (email: string) =>
      ((await (await post(`${product.dataUrl}/${project}/signup`, { email, password: PASSWORD })).json()) as { access_token: string })
        .access_token
    const [one, two] = [await signUp('one@example.com'), await signUp('two@example.com')]
    const made = (await (await post(`${url}/api/todos`, { title: 'Mine' }, one)).json()) as { id: string }
    expect(await (await post(`${url}/api/todos`, null, two, 'GET')).json()).toEqual([])
    expect((await post(`${url}/api/todos/${made.id}`, { done: true }, two, 'PATCH')).status).toBe(404)
    expect((await post(`${url}/api/todos/${made.id}`, null, two, 'DELETE')).status).toBe(404)
    expect((await post(`${url}/api/todos`, null, undefined, 'GET')).status).toBe(401)
    expect((await post(`${url}/api/todos`, null, `${one.slice(0, -8)}AAAAAAAA`, 'GET')).status).toBe(401)
    expect(await (await post(`${url}/api/todos`, null, one, 'GET')).json()).toMatchObject([{ title: 'Mine' }])
  })

  test('people of a company share its list while they work for it, and nobody else sees it', { timeout: 60_000 }, async () => {
    const send = async (path: string, bearer: string, method = 'GET', body?: unknown) => {
      const answer = await fetch(path, {
        method,
        headers: { authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, string> }
    }
    const control = (method: string, path: string, body: unknown) => send(`${product.controlUrl}/api/v1/projects/${project}/${path}`, product.key, method, body)
    expect((await control('PATCH', 'auth', { organizations: 'managed' })).status).toBe(200)
    const [acme, other] = await Promise.all(['Acme', 'Other'].map(async (name) => {
      return ((await control('POST', 'organizations', { name })).body as unknown as { data: { id: string } }).data.id
    }))
    const person = async (email: string, company: string) => {
      const signed = await send(`${product.dataUrl}/${project}/signup`, '', 'POST', { email, password: PASSWORD })
      const { access_token: token, user_id } = signed.body
      await control('POST', `organizations/${company}/members`, { user_id })
      let active = await send(`${product.dataUrl}/${project}/organizations/${company}/activate`, token!, 'POST')
      // The data plane hears of the setting within a moment.
      await expect.poll(async () => {
        active = await send(`${product.dataUrl}/${project}/organizations/${company}/activate`, token!, 'POST')
        return active.status
      }).toBe(200)
      return { alone: token!, atWork: active.body['access_token']! }
    }
    const [ann, ben] = [await person('ann@example.com', acme!), await person('ben@example.com', acme!)]
    const cat = await person('cat@example.com', other!)
    const todos = async (token: string) => ((await send(`${url}/api/todos`, token)).body as unknown as { title: string }[]).map(({ title }) => title)
    const made = await send(`${url}/api/todos`, ann.atWork, 'POST', { title: 'Order paper' })
    await send(`${url}/api/todos`, ann.alone, 'POST', { title: 'Buy bread' })
    expect([await todos(ann.atWork), await todos(ben.atWork)]).toEqual([['Order paper'], ['Order paper']])
    expect([await todos(ann.alone), await todos(ben.alone), await todos(cat.atWork)]).toEqual([['Buy bread'], [], []])
    const at = `${url}/api/todos/${made.body['id']}`
    expect((await send(at, cat.atWork, 'PATCH', { done: true })).status).toBe(404)
    expect((await send(at, ann.alone, 'DELETE')).status).toBe(404)
    expect((await send(at, ben.atWork, 'PATCH', { done: true })).status).toBe(200)
  })
})
