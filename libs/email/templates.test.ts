import { SECURITY_NOTICES } from '@portico/kernel/mails'
import { describe, expect, test } from 'vitest'
import { printableName } from './layout.js'
import { accountRecovery } from './templates/account-recovery.en.js'
import { confirmEmail } from './templates/confirm-email.en.js'
import { emailChangeNotice } from './templates/email-change-notice.en.js'
import { emailChange } from './templates/email-change.en.js'
import { emailCode } from './templates/email-code.en.js'
import { invitation } from './templates/invitation.en.js'
import { magicLink } from './templates/magic-link.en.js'
import { passwordChanged } from './templates/password-changed.en.js'
import { passwordReset } from './templates/password-reset.en.js'
import { securityNotice } from './templates/security-notice.en.js'
import { signUpAttempt } from './templates/sign-up-attempt.en.js'

const link = 'https://app.example.com/auth/confirm?token=abc&type=password_reset'
const render = (projectName: string) => ({
  accountRecovery: accountRecovery({ projectName, link }),
  confirmEmail: confirmEmail({ projectName, link }),
  emailChange: emailChange({ projectName, link, newAddress: 'new@example.com' }),
  emailChangeNotice: emailChangeNotice({ projectName, link, newAddress: 'new@example.com' }),
  emailCode: emailCode({ projectName, code: '123456' }),
  invitation: invitation({ projectName, link }),
  magicLink: magicLink({ projectName, link }),
  passwordChanged: passwordChanged({ projectName, resetLink: link }),
  passwordReset: passwordReset({ projectName, link }),
  securityNotice: securityNotice({ projectName, event: 'passkey_added' }),
  signUpAttempt: signUpAttempt({ projectName, link }),
})
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
  expect(printableName(' \r\n\u200b ')).toBe('your app')
})

test('a link that is not http is never mailed', () => {
  expect(() => confirmEmail({ projectName: 'x', link: 'javascript:alert(1)' })).toThrow()
})

test('a link cannot leave its attribute or its line', () => {
  const mail = confirmEmail({ projectName: 'x', link: 'https://a.example/?next="><b>\n\nhello' })
  expect(mail.html).not.toContain('<b>')
  expect(mail.text).not.toContain('\nhello')
})

test('the notice to the old address hides most of the new one', () => {
  const mail = emailChangeNotice({ projectName: 'x', link, newAddress: 'secretive@new.example' })
  expect(mail.text).toContain('s…@new.example')
  expect(mail.text + mail.html).not.toContain('secretive')
})

test.each(SECURITY_NOTICES)('the notice %s has a text of its own', (event) => {
  const others = SECURITY_NOTICES.filter((other) => other !== event).map((other) => securityNotice({ projectName: 'x', event: other }).text)
  expect(others).not.toContain(securityNotice({ projectName: 'x', event }).text)
})

test('the same input gives the same bytes', () => {
  expect(render('Ada')).toEqual(render('Ada'))
})
