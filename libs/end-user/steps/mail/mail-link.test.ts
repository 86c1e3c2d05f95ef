import { expect, test } from 'vitest'
import { linkBase, mailedLink } from './mail-link.js'

const settings = { site_url: 'https://app.example.com', redirect_urls: ['https://app.example.com/welcome', 'http://localhost:3000/auth?x=1'] }
const authUrl = 'https://auth.example.com/proj_1'

test('a link leads to the allow-listed address, else to the site, else to our own page', () => {
  expect(linkBase({ settings, authUrl }, 'email_confirm', 'http://localhost:3000/auth?x=1')).toBe('http://localhost:3000/auth?x=1&type=email_confirm')
  expect(linkBase({ settings, authUrl }, 'email_confirm', 'https://evil.example')).toBe('https://app.example.com/?type=email_confirm')
  expect(linkBase({ settings, authUrl }, 'password_reset')).toBe('https://app.example.com/?type=password_reset')
  expect(linkBase({ settings: { site_url: null, redirect_urls: [] }, authUrl }, 'password_reset', 'https://evil.example')).toBe(`${authUrl}/mail/password_reset`)
})

test('the token is one query field and replaces one that was there', () => {
  expect(mailedLink('https://app.example.com/?type=email_confirm&token=old', 'a_b-c')).toBe('https://app.example.com/?type=email_confirm&token=a_b-c')
})
