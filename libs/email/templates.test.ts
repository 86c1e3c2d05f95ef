import { SECURITY_NOTICES } from '@portico/kernel/mails'
import { describe, expect, test } from 'vitest'
import { LOCALES } from '@portico/kernel/locales'
import { printableName } from './printable-name.js'
import { defaultMail } from './templates/default-mail.js'
import type { MailData } from './templates/mail-data.js'
import { CATALOGUES } from './words.js'

const link = 'https://app.example.com/auth/confirm?token=abc&type=password_reset'
const MAILS: Record<string, MailData> = {
  accountRecovery: { template: 'account_recovery', link, signIn: false },
  accountRecoverySignIn: { template: 'account_recovery', link, signIn: true },
  confirmEmail: { template: 'confirm_email', link, code: '123456' },
  emailChange: { template: 'email_change', link, newAddress: 'new@example.com' },
  emailChangeNotice: { template: 'email_change_notice', link, newAddress: 'new@example.com' },
  emailCode: { template: 'sign_in', link: null, code: '123456' },
  invitation: { template: 'invitation', link },
  magicLink: { template: 'sign_in', link, code: '123456' },
  newDevice: { template: 'new_device', link, device: 'Chrome · macOS · 203.0.113.0/24' },
  passwordChanged: { template: 'password_changed', resetLink: link },
  organizationInvitation: { template: 'organization_invitation', link, organizationName: 'Acme', isNew: true },
  passwordReset: { template: 'password_reset', link },
  securityNotice: { template: 'security_notice', event: 'passkey_added' },
  signUpAttempt: { template: 'sign_up_attempt', link },
}
const render = (projectName: string) =>
  Object.fromEntries(Object.entries(MAILS).map(([name, data]) => [name, defaultMail({ name: projectName }, 'en', data)]))
const hostile = 'Evil"><script>alert(1)</script>\r\nBcc: all@example.com\u202e \u0000' + 'x'.repeat(500)

describe.each(Object.entries(render('Ada & Co')))('%s', (name, mail) => {
  test('says who writes, in subject, text and HTML', () => {
    expect(mail.subject).toContain('Ada & Co')
    expect(mail.text).toContain('Ada & Co')
    expect(mail.html).toContain('Ada &#38; Co')
    expect(mail.html).not.toContain('Ada & Co')
  })

  test('carries its link or code in both parts, escaped in the HTML', () => {
    if (name === 'securityNotice') return
    if (name === 'emailCode') {
      expect(mail.text).toContain('123456')
      expect(mail.html).toContain('123456')
      expect(mail.subject).not.toContain('123456')
      return
    }
    expect(mail.text).toContain(`\n${link}\n`)
    expect(mail.html).toContain('href="https://app.example.com/auth/confirm?token=abc&#38;type=password_reset"')
  })

  test('fetches nothing, is small, and has a language, a title and a dark form', () => {
    expect(mail.html).not.toMatch(/<(img|link|script|iframe|svg|form)\b|@import|url\(|\bsrc=/i)
    expect(Buffer.byteLength(mail.html)).toBeLessThan(6_000)
    expect(mail.html).toContain('<html lang="en">')
    expect(mail.html).toContain('<title>')
    expect(mail.html).toContain('prefers-color-scheme:dark')
  })
})

test('a hostile project name breaks neither header nor markup', () => {
  for (const mail of Object.values(render(hostile))) {
    // oxlint-disable-next-line no-control-regex
    expect(mail.subject).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(mail.subject.length).toBeLessThanOrEqual(150)
    expect(mail.html).not.toContain('<script')
    expect(mail.text).not.toContain('\r')
    expect(mail.text).not.toContain('\nBcc:')
  }
})

test('a project name that leaves nothing printable still makes a sentence', () => {
  expect(printableName(' \r\n\u200b ', 'en')).toBe('your app')
})

test('a link that is not http is never mailed', () => {
  expect(() => defaultMail({ name: 'x' }, 'en', { template: 'invitation', link: 'javascript:alert(1)' })).toThrow()
})

test('a link cannot leave its attribute or its line', () => {
  const mail = defaultMail({ name: 'x' }, 'en', { template: 'invitation', link: 'https://a.example/?next="><b>\n\nhello' })
  expect(mail.html).not.toContain('<b>')
  expect(mail.text).not.toContain('\nhello')
})

test('the notice to the old address hides most of the new one', () => {
  const mail = defaultMail({ name: 'x' }, 'en', { template: 'email_change_notice', link, newAddress: 'secretive@new.example' })
  expect(mail.text).toContain('s…@new.example')
  expect(mail.text + mail.html).not.toContain('secretive')
})

test.each(SECURITY_NOTICES)('the notice %s has a text of its own', (event) => {
  const others = SECURITY_NOTICES.filter((other) => other !== event).map(
    (other) => defaultMail({ name: 'x' }, 'en', { template: 'security_notice', event: other }).text,
  )
  expect(others).not.toContain(defaultMail({ name: 'x' }, 'en', { template: 'security_notice', event }).text)
})

test('the same input gives the same bytes', () => {
  expect(render('Ada')).toEqual(render('Ada'))
})

describe.each(LOCALES)('in %s', (locale) => {
  test('every message is there, with the same placeholders', () => {
    expect(Object.keys(CATALOGUES[locale])).toEqual(Object.keys(CATALOGUES.en))
    const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted()
    for (const [key, text] of Object.entries(CATALOGUES.en)) {
      const theirs = new Set(placeholders(CATALOGUES[locale][key as keyof typeof CATALOGUES.en]))
      // «Your password was changed» may well name the app in one language and not in another, but none may name what is not given.
      const given = ['app', 'address', 'organization', 'device', 'connection', 'date']
      for (const name of theirs) expect(given, `${key} in ${locale}`).toContain(name)
      for (const name of given.slice(1)) if (text.includes(`{${name}}`)) expect(theirs, key).toContain(name)
    }
  })

  test('no sentence was left in English', () => {
    if (locale === 'en') return
    const pairs = Object.entries(CATALOGUES.en).map(([key, text]) => [text, CATALOGUES[locale][key as keyof typeof CATALOGUES.en]] as const)
    expect(pairs.filter(([ours, theirs]) => ours === theirs && ours.includes(' '))).toEqual([])
    // Where letters are others, three words in ours are one.
    if (!['ja', 'zh-Hans', 'ko', 'ar', 'he', 'hi'].includes(locale)) return
    expect(pairs.map(([, theirs]) => theirs).filter((text) => /[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}/.test(text))).toEqual([])
  })

  test('each mail is in that language, from subject to foot', () => {
    for (const [name, data] of Object.entries(MAILS)) {
      const mail = defaultMail({ name: 'Ada' }, locale, data)
      expect(mail.html).toContain(`<html lang="${locale}"${['ar', 'he'].includes(locale) ? ' dir="rtl"' : ''}>`)
      expect(mail.subject).not.toMatch(/[{}]/)
      expect(mail.text).not.toMatch(/[{}]/)
      const english = defaultMail({ name: 'Ada' }, 'en', data)
      if (locale !== 'en')
        for (const line of english.text.split('\n').filter((each) => each.length > 12 && !each.startsWith('http')))
          expect(mail.text, name).not.toContain(line)
    }
  })
})
