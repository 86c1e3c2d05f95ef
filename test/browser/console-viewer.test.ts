import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, openWatched } from '../support/console-browser.js'
import { startConsoleStage, type ConsoleStage } from '../support/console-stage.js'

const READING = ['projects.read', 'stats.read', 'auth.read', 'users.read', 'audit.read', 'team.read']

/** On each page, what changes something. */
const CHANGING: readonly (readonly [path: string, button: string | RegExp])[] = [
  ['/projects', 'New project'],
  ['/projects/:project', 'Reveal'],
  ['/projects/:project/people', 'Add'],
  ['/projects/:project/people/:person', 'Send recovery mail'],
  ['/projects/:project/people/:person', 'Disable'],
  ['/projects/:project/people/:person', 'More actions'],
  ['/projects/:project/people/:person', 'End'],
  ['/projects/:project/sign-in', 'Set up'],
  ['/projects/:project/providers', 'OpenID provider'],
  ['/projects/:project/keys', 'Rotate'],
  ['/projects/:project/keys', /leaked/],
  ['/projects/:project/domains', 'Add'],
]

describe.skipIf(!CHROMIUM)('a reader whose role only lets them read', () => {
  let stage: ConsoleStage
  let browser: Browser
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    stage = await startConsoleStage()
    const { id } = await stage.api<{ id: string }>('POST', 'projects', { name: 'Read Only' })
    const { auth_url: authUrl } = await stage.api<{ auth_url: string }>('POST', `projects/${id}/auth`)
    await stage.signUp(authUrl, 'ada@example.com')
    const [ada] = await stage.api<{ id: string }[]>('GET', `projects/${id}/users`)
    ids['project'] = id
    ids['person'] = ada?.id ?? ''
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  test('sees every page, and each action greyed out with the reason; pressing it sends nothing', async () => {
    const { page, context } = await openWatched(browser, stage.origin, { width: 1280 })
    await page.route('**/api/v1/console/session', async (route) => {
      const answer = (await (await route.fetch()).json()) as { data: object }
      await route.fulfill({ json: { data: { ...answer.data, mode: 'password', role: 'viewer', permissions: READING } } })
    })
    const sent: string[] = []
    page.on('request', (request) => request.method() !== 'GET' && sent.push(`${request.method()} ${request.url()}`))
    const found: unknown[] = []
    for (const [path, name] of CHANGING) {
      await page.goto(`${stage.origin}/console${path.replaceAll(/:(\w+)/g, (_all, id: string) => ids[id] ?? id)}`)
      const button = page.getByRole('button', { name }).first()
      await button.waitFor()
      found.push([path, String(name), await button.getAttribute('aria-disabled'), await button.getAttribute('title')])
      await button.click({ force: true })
    }
    const denied = CHANGING.map(([path, name]) => [path, String(name), 'true', expect.stringMatching(/^Your role lacks [a-z.]+$/)])
    expect(found).toEqual(denied)
    expect(await page.getByRole('dialog').count()).toBe(0)
    // Keys are for who may manage them.
    expect(await page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
    expect(sent).toEqual([])
    await context.close()
  })
})
