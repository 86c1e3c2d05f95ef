import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openWatched } from '../support/console-browser.js'
import type { Stand } from './stand.js'

/** Of everything that is loaded before the first page is there, fonts and style included. */
const FIRST_PAGE_KILOBYTES = 200
/** The library that draws and its style, in files of their own. */
const CHART_KILOBYTES = 26

/** The files of the console, and how much of them comes before the first page. */
export function filesOfTheSite(stand: Stand): void {
  test('`/` leads to it, and every address below it is the same page', async () => {
    const { origin } = stand.stage
    const root = await fetch(`${origin}/`, { redirect: 'manual' })
    expect([root.status, root.headers.get('location')]).toEqual([302, '/console'])
    const texts = await Promise.all(
      ['/console', '/console/', '/console/projects/proj_x/people?q=ada'].map(async (path) => (await fetch(origin + path)).text()),
    )
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('<title>Portico</title>')
  })

  test('run under a policy without inline scripts, inline styles or another origin', async () => {
    const { origin } = stand.stage
    const answer = await fetch(`${origin}/console`)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    // The data plane's pages are shown in a frame; nothing else is of another origin.
    expect(policy).toContain(`frame-src 'self' ${stand.stage.dataPlane};`)
    expect(policy.replace(/frame-src [^;]+/, '')).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/)
  })

  test('are kept for good under names that change with their content, and come compressed', async () => {
    const { origin } = stand.stage
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
    const { origin } = stand.stage
    for (const name of ['missing.js', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/build.mjs']) {
      const answer = await fetch(`${origin}/console/assets/${name}`)
      expect([name, answer.status === 404 || (await answer.text()).includes('<title>Portico</title>')]).toEqual([name, true])
    }
  })

  test(`loads at most ${FIRST_PAGE_KILOBYTES} KB before its first page is there, all of it from here`, async () => {
    const { browser, stage } = stand
    const { origin } = stage
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
    const kilobytes = (isWanted: (name: string) => boolean) =>
      [...sizes].reduce((sum, [name, size]) => sum + (isWanted(name) ? size : 0), 0) / 1000
    const draws = (name: string) => /\/chart-[^/]+$/.test(name)
    expect(sizes.size).toBeGreaterThan(3)
    expect(kilobytes((name) => !draws(name))).toBeLessThan(FIRST_PAGE_KILOBYTES)
    // There are figures: what draws them comes once the page is there.
    await page.locator('.uplot').first().waitFor()
    expect(kilobytes(draws)).toBeGreaterThan(1)
    expect(kilobytes(draws)).toBeLessThan(CHART_KILOBYTES)
    sizes.clear()
    await page.goto(`${origin}/console/settings`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(kilobytes(draws)).toBe(0)
    expect(problems).toEqual([])
    await context.close()
  })
}
