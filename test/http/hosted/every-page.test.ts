import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'
import { MovableClock } from '@portico/kernel/clock'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOGUES } from '../../../apps/data-plane/pages/words/catalogues.js'
import { codeAt } from '../../support/authenticator-app.js'
import { call, signUp } from '../../support/data-plane.js'
import { APP_CALLBACK, PASSWORD, proofKey, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
/** A folder for pictures of every page, to look at. */
const SHOTS = process.env['HOSTED_SHOTS']

const SITE = 'http://localhost:3000'
const APP = { redirect_to: APP_CALLBACK, code_challenge: proofKey().challenge, state: 's' }

describe.skipIf(!CHROMIUM)('every page', () => {
  const clock = new MovableClock()
  let fixture: SignInFixture
  let browser: Browser
  let base: string
  let strict: string
  let email: string
  let guarded: string
  let grouped: string
  let confirming: string
  let member: string
  let companies: string

  beforeAll(async () => {
    fixture = await startSignInFixture({ dataPlaneHost: 'localhost', clock })
    const more = { site_url: SITE, redirect_urls: [APP_CALLBACK], branding: { colour: '#ffd400', terms_url: 'https://app.example/terms', powered_by: false } }
    ;({ base } = await fixture.project(
      ['email', 'magic_link', 'email_otp', 'passkey', 'google', 'oidc:acme'], { mfa: 'optional', ...more },
    ))
    ;({ base: strict } = await fixture.project(['email'], { mfa: 'required', require_email_confirmation: false, ...more }))
    ;({ base: confirming } = await fixture.project(['email'], { require_email_confirmation: true, ...more }))
    ;({ base: grouped, id: companies } = await fixture.project(['email'], { organizations: 'self_service', ...more }))
    const owner = await signUp(grouped)
    member = owner.email
    for (const name of ['Blue Bakery Ltd', 'A second one with a rather long name, as companies have']) {
      const made = await call(`${grouped}/organizations`, { token: owner.accessToken, body: { name } })
      const { userId } = await signUp(grouped)
      await fixture.control.call('POST', `projects/${companies}/organizations/${made.body.id}/members`, { user_id: userId })
    }
    ;({ email } = await signUp(base))
    const { email: second, accessToken: token } = await signUp(base)
    guarded = second
    const { body: started } = await call(`${base}/factors`, { token, body: { type: 'totp' } })
    await call(`${base}/factors/${started.factor_id}/verify`, { token, body: { code: codeAt(started.otpauth_uri, clock.now()) } })
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await fixture?.close()
  })

  const fill = async (page: Page, fields: Record<string, string>) => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`main form:not([hidden]) input[name=${name}] >> nth=0`, value)
  }
  const go = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)])
  const at = (page: string, locale: string, more: Record<string, string> = APP) => `${base}/${page}?${new URLSearchParams({ ...more, locale })}`
  const signIn = async (page: Page, locale: string) => {
    await page.goto(at('sign-in', locale, {}))
    await fill(page, { email, password: PASSWORD })
    await go(page, 'button[value=password]')
  }

  /** Of a company of its own each time: the page is another one after each visit. */
  const setupLink = async (locale: string) => {
    const made = (path: string, body: unknown) => fixture.control.call('POST', `projects/${companies}/organizations${path}`, body)
    const { id } = (await made('', { name: 'Blue Bakery Ltd' })).body.data
    return `${(await made(`/${id}/setup-links`, {})).body.data.url}&locale=${locale}`
  }

  /** How a visitor gets to each page; what needs a script is reached without one too. */
  const PAGES: Record<string, (page: Page, locale: string) => Promise<unknown>> = {
    'sign-in': (page, locale) => page.goto(at('sign-in', locale)),
    'sign-in refused': async (page, locale) => {
      await page.goto(at('sign-in', locale))
      await fill(page, { email, password: 'not the password' })
      await go(page, 'button[value=password]')
    },
    inbox: async (page, locale) => {
      await page.goto(at('sign-in', locale))
      await fill(page, { email: unique() })
      await go(page, 'button[value=mail]')
    },
    'second step': async (page, locale) => {
      await page.goto(at('sign-in', locale))
      await fill(page, { email: guarded, password: PASSWORD })
      await go(page, 'button[value=password]')
    },
    'sign-up': (page, locale) => page.goto(at('sign-up', locale)),
    'sign-up refused': async (page, locale) => {
      await page.goto(at('sign-up', locale))
      await fill(page, { email: unique(), password: 'password1' })
      await go(page, 'main form button')
    },
    enrol: async (page, locale) => {
      await page.goto(`${strict}/sign-up?${new URLSearchParams({ ...APP, locale })}`)
      await fill(page, { email: unique(), password: PASSWORD })
      await go(page, 'main form button')
      await go(page, 'button[value=totp]')
    },
    forgot: (page, locale) => page.goto(at('forgot', locale)),
    'a wrong address of the app': (page, locale) => page.goto(at('sign-in', locale, { ...APP, redirect_to: 'https://evil.example' })),
    account: signIn,
    organization: async (page, locale) => {
      await page.goto(`${grouped}/sign-in?${new URLSearchParams({ ...APP, locale })}`)
      await fill(page, { email: member, password: PASSWORD })
      await go(page, 'button[value=password]')
    },
    'members of an organization': async (page, locale) => {
      await page.goto(`${grouped}/sign-in?${new URLSearchParams({ ...APP, locale })}`)
      await fill(page, { email: member, password: PASSWORD })
      await go(page, 'button[value=password]')
      await page.goto(`${grouped}/organization/members?locale=${locale}`)
      await fill(page, { email: unique() })
      await go(page, 'button[value=invite]')
    },
    'a set-up link': async (page, locale) => {
      await page.goto(await setupLink(locale))
    },
    'a spent set-up link': (page, locale) => page.goto(`${grouped}/setup?token=${'x'.repeat(43)}&locale=${locale}`),
    'set-up': async (page, locale) => {
      await page.goto(await setupLink(locale))
      await go(page, 'main form button')
      await fill(page, { domain: `${randomUUID().slice(0, 8)}.blue-bakery.example` })
      await go(page, 'button[value=add_domain]')
      await go(page, 'button[value=choose_saml]')
      await page.fill('textarea', '<html>')
      await go(page, 'button[value=saml]')
    },
    'set-up by OpenID Connect': async (page, locale) => {
      await page.goto(await setupLink(locale))
      await go(page, 'main form button')
      await go(page, 'button[value=choose_oidc]')
      await fill(page, { domain: 'not a domain' })
      await go(page, 'button[value=add_domain]')
    },
    'an invitation that is gone': async (page, locale) => {
      await page.goto(`${grouped}/organization?${new URLSearchParams({ organization_invitation: '1', locale })}`)
      await fill(page, { email: member, password: PASSWORD })
      await go(page, 'button[value=password]')
    },
    'recovery codes': async (page, locale) => {
      await page.goto(`${strict}/sign-up?${new URLSearchParams({ ...APP, locale })}`)
      await fill(page, { email: unique(), password: PASSWORD })
      await go(page, 'main form button')
      await go(page, 'button[value=totp]')
      const secret = (await page.textContent('code'))!.replaceAll(' ', '')
      await fill(page, { code: codeAt(`otpauth://totp/x?secret=${secret}`, clock.now()) })
      await go(page, 'button[value=totp_code]')
    },
    'not confirmed': async (page, locale) => {
      await page.goto(`${confirming}/sign-up?${new URLSearchParams({ ...APP, locale })}`)
      await fill(page, { email: unique(), password: PASSWORD })
      await go(page, 'main form button')
    },
    recovery: (page, locale) => page.goto(`${base}/mail/account_recovery?token=x&locale=${locale}`),
    'change of address': (page, locale) => page.goto(`${base}/mail/email_change?token=x&locale=${locale}`),
    'undo of a change': (page, locale) => page.goto(`${base}/mail/email_change_undo?token=x&locale=${locale}`),
    'signed out': (page, locale) => page.goto(at('signed-out', locale)),
    reset: (page, locale) => page.goto(`${base}/mail/password_reset?token=x&locale=${locale}`),
    'a spent link': async (page, locale) => {
      await page.goto(`${base}/mail/email_confirm?token=x&locale=${locale}`)
      await go(page, 'main form button')
    },
    invitation: (page, locale) => page.goto(`${base}/mail/invitation?token=x&locale=${locale}`),
    'magic link': (page, locale) => page.goto(`${base}/mail/magic_link?token=x&locale=${locale}`),
    'report of a device': (page, locale) => page.goto(`${base}/mail/device_report?token=x&locale=${locale}`),
    // Of somebody new each time: with each visit there is one more device in the list.
    'account with organizations': async (page, locale) => {
      const { email: founder, accessToken: token } = await signUp(grouped)
      await call(`${grouped}/organizations`, { token, body: { name: 'Blue Bakery Ltd' } })
      await page.goto(`${grouped}/sign-in?locale=${locale}`)
      await fill(page, { email: founder, password: PASSWORD })
      await go(page, 'button[value=password]')
      await page.goto(`${grouped}/account?locale=${locale}`)
    },
  }

  const contexts = [
    { locale: 'de', javaScriptEnabled: true, scheme: 'light', width: 1280 },
    { locale: 'de', javaScriptEnabled: false, scheme: 'dark', width: 390 },
    { locale: 'ar', javaScriptEnabled: true, scheme: 'dark', width: 390 },
    { locale: 'ar', javaScriptEnabled: false, scheme: 'light', width: 1280 },
  ] as const

  test.each(contexts)('$locale, scripts $javaScriptEnabled, $scheme, $width px', async ({ locale, javaScriptEnabled, scheme, width }) => {
    const problems: string[] = []
    // One browser context for the row, and one page that axe runs in where the page itself runs no scripts.
    const context = await browser.newContext({ javaScriptEnabled, colorScheme: scheme, viewport: { width, height: 800 } })
    const looking = javaScriptEnabled ? null : await browser.newContext({ colorScheme: scheme, viewport: { width, height: 800 } })
    let outside: string[] = []
    await context.route(/.*/, (route) => {
      const url = route.request().url()
      if (new URL(url).hostname === 'localhost') return route.continue()
      outside.push(url)
      return route.abort()
    })
    const page = await context.newPage()
    const looked = looking === null ? page : await looking.newPage()
    let said: string[] = []
    page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && said.push(message.text()))
    for (const [name, open] of Object.entries(PAGES)) {
      await context.clearCookies()
      ;[outside, said] = [[], []]
      await open(page, locale)
      const html = await page.content()
      const picture = `${name.replaceAll(' ', '-')}-${locale}-${scheme}-${width}.png`
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/${picture}`, fullPage: true })
      if (looked !== page) await looked.setContent(withoutScripts(html))
      problems.push(...[...(await faults(looked)), ...(await english(looked, locale)), ...said].map((fault) => `${name}: ${fault}`))
      // The same page for a reader of the other taste: what differs are colours.
      const other = scheme === 'light' ? 'dark' : 'light'
      await looked.emulateMedia({ colorScheme: other })
      problems.push(...(await violations(looked, ['color-contrast'])).map((fault) => `${name}, ${other}: ${fault}`))
      await looked.emulateMedia({ colorScheme: scheme })
      if (outside.length > 0) problems.push(`${name}: asked ${outside.join(' ')}`)
      // A brand is nobody else's: neither in what is read nor in the source, but for the names of cookies, which no page holds.
      if (/portico/i.test(html)) problems.push(`${name}: names us, ${/.{40}portico.{40}/is.exec(html)?.[0]}`)
      const lang = /<html lang="([^"]*)"(?: dir="(\w+)")?/.exec(html)
      expect([name, lang?.[1], lang?.[2]]).toEqual([name, locale, locale === 'ar' ? 'rtl' : undefined])
      const weight = Buffer.byteLength(withoutScripts(html))
      if (weight > MOST_BYTES) problems.push(`${name}: ${weight} bytes of HTML and CSS`)
    }
    await context.close()
    await looking?.close()
    expect(problems).toEqual([])
  }, 120_000)
})

/** Of HTML and CSS, in one answer. */
const MOST_BYTES = 15_360

const withoutScripts = (html: string) => html.replaceAll(/<script[\s\S]*?<\/script>/g, '')

/** What axe finds, and a page that is wider than the screen. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await violations(page)
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'))
  return wide > 0 ? [...found, `${wide} px too wide`] : found
}

/** Names that people gave, and such as are the same everywhere. */
const NAMES = ['Blue Bakery Ltd', 'A second one with a rather long name, as companies have', 'Blue Bakery', 'OpenID Connect']

/**
 * What a reader of another language sees in English: a sentence of the catalogue, and
 * where letters are others, any three words (keys are capitals).
 */
async function english(page: Page, locale: 'de' | 'ar'): Promise<string[]> {
  const seen = NAMES.reduce((text, name) => text.replaceAll(name, ''), String(await page.evaluate('document.body.innerText')))
  const theirs = new Set<string>(Object.values(CATALOGUES[locale]))
  const ours = Object.values(CATALOGUES.en).filter((text) => text.includes(' ') && !text.includes('{') && !theirs.has(text))
  const words = locale === 'ar' ? [...seen.matchAll(/[A-Za-z]*[a-z](?: [A-Za-z]*[a-z]){2,}/g)].map(String) : []
  return [...ours.filter((text) => seen.includes(text)), ...words].map((text) => `in English: ${text}`)
}

/** Axe has been loaded; `rules`: all of them, when none is named. */
function violations(page: Page, rules?: string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    const options = { resultTypes: ['violations' as const], ...(only && { runOnly: only }) }
    const found = await (globalThis as unknown as { axe: typeof axe }).axe.run(options)
    return found.violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html: at }) => at.slice(0, 120)).join(' | ')}`)
  }, rules)
}
