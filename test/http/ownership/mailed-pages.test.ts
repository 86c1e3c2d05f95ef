import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BrowserClient } from '../../support/browser-client.js'
import { call } from '../../support/data-plane.js'
import { startOidcServer } from '../../support/oidc-server.js'
import { PASSWORD, signInWith, startSignInFixture, unique } from '../../support/sign-in-fixture.js'
import { leaveEverything, mint, mintChallenge, NEW_PASSWORD, PROVIDER, SITE, type Stage } from './stranger.js'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

let stage: Stage
beforeAll(async () => {
  const fixture = await startSignInFixture()
  const { id, uuid, base } = await fixture.project(['email', 'magic_link', PROVIDER], { mfa: 'optional', site_url: SITE })
  const idp = await startOidcServer([`${base}/oauth/${PROVIDER}/callback`])
  await fixture.control.call('PUT', `projects/${id}/auth/providers/${PROVIDER}`, {
    client_id: idp.clientId,
    client_secret: idp.clientSecret,
    issuer: idp.issuer,
  })
  stage = { fixture, idp, id, uuid, base }
})
afterAll(async () => {
  await stage?.idp.close()
  await stage?.fixture.close()
})

interface Person {
  userId: string
  email: string
  sub: string
  token: string
}

/** Somebody with an account of the provider and nothing else. */
async function identityOnly({ verified }: { verified: boolean }): Promise<Person> {
  const email = unique('identity')
  stage.idp.account = { sub: `sub-${email}`, email, email_verified: verified }
  const { body } = (await signInWith(new BrowserClient(), stage.base, PROVIDER)).session!
  return { userId: body.user_id, email, sub: `sub-${email}`, token: body.access_token }
}

const confirmToken = ({ userId, email }: { userId: string; email: string }) => mint(stage, userId, 'email_confirm', { email })
const changeToken = ({ userId, email }: { userId: string; email: string }, to = unique('moved')) =>
  mint(stage, userId, 'email_change', { email, new_address: to })

/** Presses the provider's button on the page of a mailed link; answers the page that ends it. */
async function follow(purpose: string, token: string, as: { sub: string; email: string; email_verified?: boolean }) {
  stage.idp.account = as
  const browser = new BrowserClient()
  const started = await browser.open(`${stage.base}/mail/${purpose}/${PROVIDER}`, { form: { token } })
  expect(started.status).toBe(302)
  return browser.open(await browser.travel(started.location!, (url) => url.href.includes('/callback?')))
}

const account = async ({ userId }: { userId: string }) =>
  (
    await stage.fixture.owner.query<{ email: string; verified: boolean; identities: number }>(
      `select email, email_verified_at is not null as verified, (select count(*)::int from auth.identity i where i.end_user_id = u.id) as identities from auth.end_user u where id = $1`,
      [userId],
    )
  )[0]!

describe('an account that has a provider and no password', () => {
  test('the owner who continues with it confirms the address and keeps it', async () => {
    const person = await identityOnly({ verified: false })
    const page = await new BrowserClient().open(`${stage.base}/mail/email_confirm?token=${await confirmToken(person)}`)
    expect(page.text).toContain('That was me: continue with acme')
    const done = await follow('email_confirm', await confirmToken(person), person)
    expect([done.status, done.text.includes('Done')]).toEqual([200, true])
    expect(await account(person)).toEqual({ email: person.email, verified: true, identities: 1 })
    // What the proof did not show is gone: the session that the sign-up began.
    expect((await call(`${stage.base}/user`, { token: person.token })).status).toBe(401)
    expect((await signInWith(new BrowserClient(), stage.base, PROVIDER)).session?.body.user_id).toBe(person.userId)
  })

  test('who presses the other button keeps the address alone', async () => {
    const person = await identityOnly({ verified: false })
    const done = await new BrowserClient().open(`${stage.base}/mail/email_confirm`, { form: { token: await confirmToken(person) } })
    expect(done.status).toBe(200)
    expect(await account(person)).toEqual({ email: person.email, verified: true, identities: 0 })
  })

  test.each(['email_confirm', 'email_change'] as const)(
    '%s: another account of the provider, linked elsewhere or nowhere, shows nothing and spends nothing',
    async (purpose) => {
      const person = await identityOnly({ verified: purpose === 'email_change' })
      const other = await identityOnly({ verified: true })
      const before = await account(person)
      const token = purpose === 'email_confirm' ? await confirmToken(person) : await changeToken(person)
      for (const as of [other, { sub: `nobody-${person.sub}`, email: person.email, email_verified: true }]) {
        const refused = await follow(purpose, token, as)
        expect([refused.status, refused.text.includes('not the one that the link is for')]).toEqual([400, true])
        expect(await account(person)).toEqual(before)
      }
      expect((await follow(purpose, token, person)).status).toBe(200)
      expect(await account(person)).not.toEqual(before)
    },
  )

  test('moves to another address with the provider, unless it has a second factor', async () => {
    const person = await identityOnly({ verified: true })
    const to = unique('moved')
    expect((await follow('email_change', await changeToken(person, to), person)).status).toBe(200)
    expect(await account(person)).toEqual({ email: to, verified: true, identities: 1 })
    const left = await leaveEverything(stage, { proven: true })
    const refused = await follow('email_change', left.changeToken, { sub: left.subject, email: unique('elsewhere') })
    expect([refused.status, refused.text.includes('second factor')]).toEqual([400, true])
    expect((await account(left)).email).toBe(left.email)
  })

  test('links of other kinds lead to no provider', async () => {
    const person = await identityOnly({ verified: true })
    const token = await mint(stage, person.userId, 'password_reset', { email: person.email })
    for (const purpose of ['password_reset', 'email_change_undo']) {
      expect((await new BrowserClient().open(`${stage.base}/mail/${purpose}/${PROVIDER}`, { form: { token } })).status).toBe(404)
    }
    // Under a name that it does not have.
    expect((await follow('email_confirm', token, person)).status).toBe(400)
    expect((await call(`${stage.base}/password-reset/confirm`, { body: { token, password: NEW_PASSWORD } })).status).toBe(200)
  })
})

/** Every page that a mail can lead to, and what must be on it. */
const PAGES: Record<string, { open: () => Promise<{ path: string; press?: Record<string, string> }>; says: RegExp; lacks?: RegExp }> = {
  'confirm, a new password account': { open: async () => ({ path: `email_confirm?token=${await confirmToken(await passwordAccount())}` }), says: /password you chose/ },
  'confirm, a wrong password': { open: async () => ({ path: `email_confirm?token=${await confirmToken(await passwordAccount())}`, press: { password: 'wrong' } }), says: /not the password you signed up with/ },
  'confirm, with a second factor': {
    open: async () => {
      const left = await leaveEverything(stage, { proven: false })
      return { path: `email_confirm?token=${await confirmToken(left)}` }
    },
    says: /authenticator app/,
  },
  'confirm, an identity alone': { open: async () => ({ path: `email_confirm?token=${await confirmToken(await identityOnly({ verified: false }))}` }), says: /That was me/, lacks: /password/i },
  'confirmed': { open: async () => ({ path: `email_confirm?token=${await confirmToken(await passwordAccount())}`, press: { password: PASSWORD } }), says: /confirmed.*Back to Blue Bakery/s },
  'change, a password': { open: async () => ({ path: `email_change?token=${await changeToken(await passwordAccount())}` }), says: /password of your account/, lacks: /authenticator|has no password/ },
  'change, a wrong password': { open: async () => ({ path: `email_change?token=${await changeToken(await passwordAccount())}`, press: { password: 'wrong' } }), says: /not the password of the account/ },
  'change, a password and a factor': { open: async () => ({ path: `email_change?token=${(await leaveEverything(stage, { proven: true })).changeToken}` }), says: /authenticator app/ },
  'change, no password but a provider': { open: async () => ({ path: `email_change?token=${await changeToken(await identityOnly({ verified: true }))}` }), says: /Continue with acme/, lacks: /The password of/ },
  'change, neither password nor provider': { open: async () => ({ path: `email_change?token=${await changeToken(await bareAccount())}` }), says: /has no password.*Blue Bakery/s, lacks: /The password of/ },
  'undo': { open: async () => ({ path: `email_change_undo?token=${(await leaveEverything(stage, { proven: true })).undoToken}` }), says: /Keep my address/ },
  'reset': { open: async () => ({ path: `password_reset?token=${await reset()}` }), says: /New password/ },
  'reset, a weak password': { open: async () => ({ path: `password_reset?token=${await reset()}`, press: { password: 'password1' } }), says: /New password/ },
  'magic link': { open: async () => ({ path: `magic_link?token=${(await mintChallenge(stage, 'sign_in', unique())).token}` }), says: /Sign in/ },
  'invitation': { open: async () => ({ path: `invitation?token=${await mint(stage, (await bareAccount()).userId, 'invitation', {})}` }), says: /Continue with acme/ },
  'a spent link': { open: async () => ({ path: `email_change_undo?token=${'x'.repeat(43)}`, press: {} }), says: /did not work.*Back to Blue Bakery/s },
}

async function passwordAccount() {
  const email = `a.person.with.quite.a.long.name.${unique('and-more')}`
  const { body } = await call(`${stage.base}/signup`, { body: { email, password: PASSWORD } })
  return { userId: body.user_id as string, email }
}

async function bareAccount() {
  const person = await identityOnly({ verified: true })
  await stage.fixture.owner.query('delete from auth.identity where end_user_id = $1', [person.userId])
  return person
}

async function reset() {
  const { userId, email } = await passwordAccount()
  return mint(stage, userId, 'password_reset', { email })
}

/** In the page: whatever a customer would not be shown. Contrast as WCAG 2.2, 1.4.3 has it. */
const FAULTS = `(() => {
  const faults = []
  if (document.documentElement.scrollWidth > innerWidth) faults.push('wider than the window')
  const dark = matchMedia('(prefers-color-scheme: dark)').matches
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const canvas = dark ? [18, 18, 18] : [255, 255, 255]
  for (const one of document.querySelectorAll('h1,p,a,label,button,input:not([type=hidden])')) {
    const style = getComputedStyle(one), back = rgb(style.backgroundColor)
    const [a, b] = [light(rgb(style.color)), light(back[3] === 0 ? canvas : back)].sort((x, y) => y - x)
    if ((a + 0.05) / (b + 0.05) < 4.5) faults.push('contrast of ' + one.tagName + ' ' + one.textContent.trim().slice(0, 40))
  }
  for (const field of document.querySelectorAll('input:not([type=hidden])')) if (field.labels.length === 0) faults.push('a field without a label')
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one heading')
  if (document.querySelector('input:not([type=hidden])') && document.activeElement.tagName !== 'INPUT' && !document.querySelector('form[action*=invitation]')) faults.push('no field has the focus')
  return faults
})()`

describe.skipIf(!CHROMIUM)('every page that a mail leads to', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
  })
  afterAll(() => browser?.close())

  async function shown(page: Page, path: string, press?: Record<string, string>) {
    await page.goto(`${stage.base}/mail/${path}`)
    if (!press) return
    for (const [name, value] of Object.entries(press)) await page.fill(`input[name=${name}]`, value)
    await Promise.all([page.waitForNavigation(), page.click('form button')])
  }

  test.each(Object.keys(PAGES))('%s', async (name) => {
    const { open, says, lacks } = PAGES[name]!
    const { path, press } = await open()
    const page = await browser.newPage()
    await shown(page, path, press)
    const text = await page.locator('main').innerText()
    expect(text).toMatch(says)
    if (lacks) expect(text).not.toMatch(lacks)
    // A code is not spoken of where there is no field for one.
    if (/\bcode\b/.test(text)) expect(await page.locator('input[name=factor_code]').count()).toBe(1)
    for (const width of [1280, 390]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme })
        expect([width, colorScheme, await page.evaluate(FAULTS)]).toEqual([width, colorScheme, []])
      }
    }
    await page.close()
  })
})
