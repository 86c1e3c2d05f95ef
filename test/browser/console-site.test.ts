import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchChromium, openWatched } from '../support/console-browser.js'
import { createTestDatabase, testMasterKey, type TestDatabase } from '../support/postgres.js'
import { type AppProcess, startApp } from '../support/processes.js'

/** Of everything that is loaded before the first page is there, fonts and style included. */
const FIRST_PAGE_KILOBYTES = 200

let database: TestDatabase
let control: AppProcess
let origin: string
const key = `msk_test_${randomBytes(32).toString('base64url')}`
beforeAll(async () => {
  database = await createTestDatabase()
  control = await startApp('control-plane', {
    env: {
      DATABASE_URL: database.url,
      PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      PORTICO_BOOTSTRAP_API_KEY: key,
    },
  })
  origin = `http://localhost:${control.port}`
})
afterAll(async () => {
  await control?.stop()
  await database?.drop()
})

describe('the files of the console', () => {
  test('`/` leads to it, and every address below it is the same page', async () => {
    const root = await fetch(`${origin}/`, { redirect: 'manual' })
    expect([root.status, root.headers.get('location')]).toEqual([302, '/console'])
    const texts = await Promise.all(
      ['/console', '/console/', '/console/projects/proj_x/people?q=ada'].map(async (path) => (await fetch(origin + path)).text()),
    )
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('<title>Portico</title>')
  })

  test('run under a policy without inline scripts, inline styles or another origin', async () => {
    const answer = await fetch(`${origin}/console`)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/)
  })

  test('are kept for good under names that change with their content, and come compressed', async () => {
    const page = await (await fetch(`${origin}/console`)).text()
    const script = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ''
    const sizes = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (encoding) => {
        const answer = await fetch(origin + script, { headers: { 'accept-encoding': encoding } })
        expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
        expect(answer.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding)
        expect(answer.headers.get('vary')).toContain('accept-encoding')
        return (await answer.text()).length
      }),
    )
    expect(new Set(sizes).size).toBe(1)
  })

  test('that are not there are not the page, and no name leads out of the folder', async () => {
    for (const name of ['missing.js', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/build.mjs']) {
      const answer = await fetch(`${origin}/console/assets/${name}`)
      expect([name, answer.status === 404 || (await answer.text()).includes('<title>Portico</title>')]).toEqual([name, true])
    }
  })
})

describe.skipIf(!CHROMIUM)('the console in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  test(`loads at most ${FIRST_PAGE_KILOBYTES} KB before its first page is there, all of it from here`, async () => {
    const { page, context, problems } = await openWatched(browser, origin, { width: 1280 })
    const sizes = new Map<string, number>()
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (!pathname.startsWith('/console') || pathname === '/console/session') return
      const isFont = pathname.endsWith('.woff2')
      void response.body().then(
        (body) => sizes.set(pathname, isFont ? body.length : gzipSync(body, { level: 9 }).length),
        () => undefined,
      )
    })
    await page.goto(`${origin}/console`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    const loaded = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    expect(sizes.size).toBeGreaterThan(3)
    expect(loaded / 1000).toBeLessThan(FIRST_PAGE_KILOBYTES)
    expect(problems).toEqual([])
    await context.close()
  })
})
