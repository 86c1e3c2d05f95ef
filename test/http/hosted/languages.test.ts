import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOGUES } from '@portico/email/words'
import { MovableClock } from '@portico/kernel/clock'
import type { Locale } from '@portico/kernel/locales'
import { CATALOGUES as PAGES } from '../../../apps/data-plane/pages/words/catalogues.js'
import { BrowserClient } from '../../support/browser-client.js'
import { call, signUp } from '../../support/data-plane.js'
import type { FakeMail } from '../../support/fake-resend.js'
import { submit } from '../../support/page-forms.js'
import { PASSWORD, startSignInFixture, unique, type SignInFixture } from '../../support/sign-in-fixture.js'

const clock = new MovableClock()
let fixture: SignInFixture
beforeAll(async () => {
  fixture = await startSignInFixture({ clock })
})
afterAll(() => fixture?.close())

type Kind = 'confirm_email' | 'password_reset' | 'email_change' | 'password_changed'

/** In which language the newest mail of this kind came to this address. */
async function languageOf(email: string, kind: Kind): Promise<string | undefined> {
  const subjects = new Map(Object.entries(CATALOGUES).map(([locale, words]) => [named(words[`${kind}.subject`]), locale]))
  const wanted = (mail: FakeMail) => mail.to.includes(email) && subjects.has(mail.subject)
  await fixture.resend.waitForMail(wanted)
  const { subject, html } = fixture.resend.mails.findLast(wanted)!
  expect(/<html lang="([^"]*)"/.exec(html)?.[1]).toBe(subjects.get(subject))
  return subjects.get(subject)
}
const named = (subject: string) => subject.replace('{app}', 'Blue Bakery')

const press = async (base: string, page: string, query: Record<string, string>, typed: Record<string, string>, headers = {}) => {
  const browser = new BrowserClient()
  const shown = await browser.open(`${base}/${page}?${new URLSearchParams(query)}`, { headers })
  return submit(browser, shown, new RegExp(page), typed, headers)
}

describe.each(['he', 'pl'] as const)('whoever reads our pages in %s is written to in it', (locale) => {
  // Chosen in the address, or by the browser.
  test.each([[{ locale }, {}], [{}, { 'accept-language': `${locale}, en;q=0.5` }]])('by %j %j', async (query: object, headers: object) => {
    const [asked, said] = [query as Record<string, string>, headers as Record<string, string>]
    const { base } = await fixture.project(['email', 'email_otp'], { require_email_confirmation: true })
    const email = unique()
    await press(base, 'sign-up', asked, { email, password: PASSWORD }, said)
    expect(await languageOf(email, 'confirm_email')).toBe(locale)
    const { base: open } = await fixture.project(['email', 'email_otp'])
    const { email: known } = await signUp(open)
    await press(open, 'forgot', asked, { email: known }, said)
    expect(await languageOf(known, 'password_reset')).toBe(locale)
    const { email: other } = await signUp(open)
    await press(open, 'sign-in', asked, { email: other, intent: 'mail' }, said)
    const code = named(CATALOGUES[locale]['code.subject'])
    await fixture.resend.waitForMail((mail) => mail.to.includes(other) && mail.subject === code)
  })

  test('by the JSON routes too, from a browser', async () => {
    const headers = { 'accept-language': locale }
    const { base } = await fixture.project(['email', 'email_otp'])
    const { email, accessToken: token } = await signUp(base)
    await call(`${base}/password-reset`, { body: { email }, headers })
    expect(await languageOf(email, 'password_reset')).toBe(locale)
    const [next, stranger] = [unique('next'), unique('new')]
    expect((await call(`${base}/email/change`, { token, body: { email: next, password: PASSWORD }, headers })).status).toBe(200)
    expect(await languageOf(next, 'email_change')).toBe(locale)
    const { base: strict } = await fixture.project(['email'], { require_email_confirmation: true })
    await call(`${strict}/signup`, { body: { email: stranger, password: PASSWORD }, headers })
    expect(await languageOf(stranger, 'confirm_email')).toBe(locale)
  })

  test('a refusal that comes before the page is in it too', async () => {
    const { base } = await fixture.project(['email'])
    const refused = await call(`${base}/sign-in?${new URLSearchParams({ locale, state: 'x'.repeat(1_025) })}`)
    expect([refused.status, refused.text.includes(`<html lang="${locale}"`)]).toEqual([422, true])
    expect(refused.text).toContain(PAGES[locale]['refused.validation_error'])
  })
})

test('a language that was chosen at the sign-up stays: notices and the account page speak it', async () => {
  const { base } = await fixture.project(['email'])
  const email = unique()
  const browser = new BrowserClient()
  await submit(browser, await browser.open(`${base}/sign-up?locale=pl`), /sign-up/, { email, password: PASSWORD })
  const account = await browser.open(`${base}/account`)
  expect(account.text).toContain('<html lang="pl"')
  await submit(browser, account, /account/, { intent: 'password', current_password: PASSWORD, password: 'the next horse battery 5!' })
  expect(await languageOf(email, 'password_changed')).toBe('pl')
})

test('what somebody has saved counts more than where a mail was asked for; a notice never goes by that', async () => {
  const { base } = await fixture.project(['email'])
  const { email, accessToken: token } = await signUp(base)
  // Whoever broke in would have the owner told in a language that they cannot read.
  const changed = await call(`${base}/password`, {
    token, body: { current_password: PASSWORD, password: 'the next horse battery 5!' }, headers: { 'accept-language': 'ja' },
  })
  expect(changed.status).toBe(200)
  expect(await languageOf(email, 'password_changed')).toBe('en')
  const { email: german, accessToken } = await signUp(base)
  await call(`${base}/user`, { method: 'PATCH', token: accessToken, body: { metadata: { locale: 'de-AT' } } })
  await press(base, 'forgot', { locale: 'ja' }, { email: german })
  expect(await languageOf(german, 'password_reset')).toBe<Locale>('de')
})
