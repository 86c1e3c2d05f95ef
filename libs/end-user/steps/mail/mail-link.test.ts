import { expect, test } from 'vitest'
import { linkBase, linkWithoutKey, magicLinkTarget, mailedLink } from './mail-link.js'

const urls = { site_url: 'https://app.example.com', redirect_urls: ['https://app.example.com/welcome', 'http://localhost:3000/auth?x=1'] }
const settings = { ...urls, mail_links: 'app' as const }
const APP = 'https://app.example.com/cb'
const authUrl = 'https://auth.example.com/proj_1'

test('a link leads to the allow-listed address, else to our own page', () => {
  const hosted = { settings: { ...urls, mail_links: 'hosted' as const }, authUrl }
  expect(linkBase(hosted, 'email_confirm', 'http://localhost:3000/auth?x=1')).toBe('http://localhost:3000/auth?x=1&type=email_confirm')
  for (const redirectTo of [undefined, 'https://evil.example']) {
    expect(linkBase(hosted, 'password_reset', redirectTo)).toBe(`${authUrl}/mail/password_reset`)
  }
})

test('where the app handles mailed links: to the allow-listed address, else to the site, else to our own page', () => {
  expect(linkBase({ settings, authUrl }, 'email_confirm', 'http://localhost:3000/auth?x=1')).toBe('http://localhost:3000/auth?x=1&type=email_confirm')
  expect(linkBase({ settings, authUrl }, 'email_confirm', 'https://evil.example')).toBe('https://app.example.com/?type=email_confirm')
  expect(linkBase({ settings, authUrl }, 'password_reset')).toBe('https://app.example.com/?type=password_reset')
  expect(linkBase({ settings: { site_url: null, redirect_urls: [], mail_links: 'app' }, authUrl }, 'password_reset', 'https://evil.example')).toBe(`${authUrl}/mail/password_reset`)
})

test('what the app has in its address stays as it is, with our fields behind it', () => {
  const own = 'https://app.example.com/auth?type=business&token=own&next=%2fhome&q=a%20b~c'
  const base = linkBase({ settings: { site_url: null, redirect_urls: [own], mail_links: 'hosted' }, authUrl }, 'email_confirm', own)
  expect(mailedLink(base, 'a_b-c')).toBe(`${own}&type=email_confirm&token=a_b-c`)
})

test.each([
  { given: APP, site: 'https://site.example', urls: [APP], leads: APP },
  { given: 'https://evil.example', site: 'https://site.example', urls: [APP], leads: 'https://site.example' },
  { given: undefined, site: 'https://site.example', urls: [APP], leads: 'https://site.example' },
  { given: undefined, site: null, urls: [APP], leads: APP },
  { given: undefined, site: null, urls: [APP, 'https://*.preview.example.com/cb'], leads: APP },
  { given: undefined, site: null, urls: ['https://*.preview.example.com/cb'], leads: null },
  { given: undefined, site: null, urls: [APP, `${APP}/2`], leads: null },
  { given: undefined, site: null, urls: [], leads: null },
])('a sign-in link: $given, site $site, list $urls leads to $leads', ({ given, site, urls, leads }) => {
  expect(magicLinkTarget({ site_url: site, redirect_urls: urls }, given)).toBe(leads)
})

const OURS = `${authUrl}/organization?organization_invitation=1`
const SITE = 'https://app.example.com/?organization_invitation=1'
const INTO_APP = 'myapp://invited'
test.each([
  { links: 'hosted', gate: 'auto', redirectTo: undefined, leads: OURS },
  { links: 'hosted', gate: 'required', redirectTo: undefined, leads: OURS },
  { links: 'hosted', gate: 'auto', redirectTo: urls.redirect_urls[0], leads: 'https://app.example.com/welcome?organization_invitation=1' },
  { links: 'hosted', gate: 'auto', redirectTo: 'https://evil.example', leads: OURS },
  // Mail programs drop links of an app's own scheme.
  { links: 'hosted', gate: 'auto', redirectTo: INTO_APP, leads: OURS },
  { links: 'app', gate: 'auto', redirectTo: undefined, leads: SITE },
  { links: 'app', gate: 'auto', redirectTo: undefined, site: null, leads: OURS },
  { links: 'hosted', gate: 'disabled', redirectTo: undefined, leads: SITE },
  { links: 'hosted', gate: 'disabled', redirectTo: INTO_APP, leads: SITE },
  { links: 'hosted', gate: 'disabled', redirectTo: undefined, site: null, leads: null },
] as const)('an invitation of somebody with an account: mail_links $links, gate $gate, $redirectTo leads to $leads', (asked) => {
  const { links, gate, redirectTo, leads } = asked
  const own = { redirect_urls: [...urls.redirect_urls, INTO_APP], site_url: 'site' in asked ? asked.site : urls.site_url }
  const project = { settings: { ...own, mail_links: links, sign_in_gate: gate }, authUrl }
  const way = { page: '/organization', field: 'organization_invitation', value: '1', ...(redirectTo !== undefined && { redirectTo }) }
  expect(linkWithoutKey(project, way)).toBe(leads)
})
