import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM ?? '', args: QUIET })

export interface WatchedPage {
  page: Page
  context: BrowserContext
  /** What no page of the console may do: errors, refusals of its own policy, calls of other hosts. */
  problems: string[]
}

/** A page that writes down what it should not do; other hosts are never reached. */
export async function openWatched(
  browser: Browser,
  origin: string,
  look: { width: number; colorScheme?: 'light' | 'dark'; also?: readonly string[] },
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width < 600 ? 844 : 900 },
    colorScheme: look.colorScheme ?? 'light',
    // Colours on their way from one to the other are judged as neither.
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  const problems: string[] = []
  const origins = [origin, ...(look.also ?? [])]
  const isOurs = (url: string) => /^(data|blob):/.test(url) || url === 'about:srcdoc' || origins.includes(new URL(url).origin)
  await context.route(
    (url) => !isOurs(url.href),
    (route) => {
      problems.push(`calls ${route.request().url()}`)
      return route.abort()
    },
  )
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(message.text()))
  return { page, context, problems }
}

/** Serious and critical findings of axe, of all its rules, of some, or of all but some; and whether the page is wider than its screen. */
export async function findings(page: Page, rules?: string[] | { but: string[] }): Promise<string[]> {
  const chosen = rules === undefined ? '' : Array.isArray(rules)
    ? `, runOnly: ${JSON.stringify(rules)}`
    : `, rules: ${JSON.stringify(Object.fromEntries(rules.but.map((rule) => [rule, { enabled: false }])))}`
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE)
  const { violations } = (await page.evaluate(
    `axe.run(document, { iframes: false, resultTypes: ['violations']${chosen} })`,
  )) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }
  const serious = violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  const wider = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number
  return wider > 0 ? [...serious, `${wider} px wider than the screen`] : serious
}
