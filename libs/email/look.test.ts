import { contrast } from '@portico/kernel/brand-colours'
import { branding } from '@portico/kernel/settings/branding'
import { mailBrand, type MailBrand } from '@portico/kernel/settings/mail-brand'
import { describe, expect, test } from 'vitest'
import { DARK_CARD, LIGHT_CARD } from './look.js'
import { defaultMail } from './templates/default-mail.js'
import { renderOwn } from './templates/own-template.js'

const link = 'https://auth.example.com/mail?token=abc'
const mail = (brand: Partial<MailBrand>, locale: 'en' | 'ar' = 'en') =>
  defaultMail({ name: 'Bakery', ...brand }, locale, { template: 'confirm_email', link, code: '123456' })
const LOGO = { url: 'https://auth.example.com/branding/0123.png', width: 352, height: 40 }

/** What a reader sees of the button and the link, in light and in dark. */
function colours(html: string) {
  const found = (pattern: RegExp) => pattern.exec(html)?.slice(1) ?? []
  const [lightFill = '', lightText = ''] = found(/class="button"[^>]*background:(#\w{6});color:(#\w{6})/)
  const [lightLink = ''] = found(/class="link"[^>]*color:(#\w{6})/)
  const [darkLink = ''] = found(/\.link\{color:(#\w{6})!important\}/)
  const [darkFill = '', darkText = ''] = found(/\.button\{background:(#\w{6})!important;color:(#\w{6})!important\}/)
  return { light: [lightFill, lightText], dark: [darkFill, darkText], links: [[lightLink, LIGHT_CARD], [darkLink, DARK_CARD]] }
}

test.each(['#ffd400', '#000000', '#ffffff', '#808080', '#ff0000', '#00ff00', '#0000ff', '#1b1f24', '#767676', undefined])(
  'in the colour %s every word can be read, in light and in dark (WCAG AA)',
  (colour) => {
    const { light, dark, links } = colours(mail(colour === undefined ? {} : { colour }).html)
    if (colour !== undefined) expect([light[0], dark[0]]).toEqual([colour, colour])
    for (const [one = '', other = ''] of [light, dark, ...links]) expect(contrast(one, other)).toBeGreaterThanOrEqual(4.5)
  },
)

test('a colour for the dark, corners and letters of the project', () => {
  const { html } = mail({ colour: '#aa0000', colourDark: '#00aaff', radius: 0, font: 'serif' })
  expect(colours(html)).toMatchObject({ light: ['#aa0000', '#ffffff'], dark: ['#00aaff', '#000000'] })
  expect(html).toContain('border-radius:0px;background:#aa0000')
  expect(html).toMatch(/font:16px\/24px Charter,'Bitstream Charter'/)
  expect(html).not.toContain('border-radius:8px')
})

test('a logo is as large as it is drawn, for programs that know no style; it speaks for the name where pictures are off', () => {
  const { html } = mail({ logo: LOGO, icon: { ...LOGO, width: 32, height: 32 } })
  expect([...html.matchAll(/<img [^>]*>/g)].map(String)).toEqual([
    '<img src="https://auth.example.com/branding/0123.png" alt="Bakery" width="176" height="20" style="border:0;vertical-align:middle;width:176px;height:20px">',
  ])
  const small = mail({ icon: { ...LOGO, width: 16, height: 16 } }).html
  expect(small).toMatch(/alt="" width="16" height="16" style="[^"]*">&#160; Bakery<\/p>/)
})

test('links to terms, privacy and help stand below, in the language of the mail, in the text too', () => {
  const urls = { termsUrl: 'https://app.example/terms', privacyUrl: 'https://app.example/privacy', supportUrl: 'mailto:help@app.example' }
  const { html, text } = mail(urls)
  expect(html).toContain('<a class="quiet" href="mailto:help@app.example" style="color:#5c6470">Help</a>')
  expect(text).toMatch(/-- \nBakery\nTerms: https:\/\/app\.example\/terms\nPrivacy: https:\/\/app\.example\/privacy\nHelp: help@app\.example\n$/)
  expect(mail(urls, 'ar').html).toContain('>الخصوصية</a>')
})

test('words of the project’s own stand in the same frame', () => {
  const words = { subject: 'S', text: '{{ link }}', html: '<p>{{ link }}</p>' }
  const look: MailBrand = { name: 'Bakery', colour: '#ffd400', radius: 20, font: 'mono', logo: LOGO }
  const { html } = renderOwn(words, look, 'en', { template: 'invitation', link }, new Date('2026-11-30T00:00:00Z'))
  expect(html).toContain('alt="Bakery"')
  expect(html).toContain('.button{background:#ffd400!important;color:#000000!important}')
  expect(html).toContain('border-radius:32px')
})

describe('an attempt to say something else', () => {
  const hostile: Record<string, unknown>[] = [
    { colour: '#fff;background:url(https://evil.example)' },
    { colour_dark: '#fff}</style><script>alert(1)</script>' },
    { radius: '0;position:fixed' },
    { radius: -1 },
    { font: "x';background:url(//evil.example)" },
    { logo: 'https://evil.example/x.png' },
    { logo: '0123456789abcdef0123456789abcdef-1x1.svg' },
    { icon: '"><script>alert(1)</script>' },
    { support_url: 'mailto:a@b.example?subject=x' },
    { terms_url: 'javascript:alert(1)' },
    { privacy_url: 'https://a.example/\nX: y' },
    { name: 'A\r\nBcc: eve@example.com' },
  ]
  test.each(hostile)('%j is not saved', (value) => expect(branding.check(value)).toHaveProperty('problem'))

  test.each([
    '"><script>alert(1)</script>',
    '{{ link }}{% raw %}',
    "'onerror=alert(1) x='",
    '</style></head>',
    '&lt;script&gt;',
  ])('the name %s is shown as it is, as the logo’s words too', (name) => {
    const saved = branding.check({ name })
    if (!('value' in saved)) throw new Error('refused')
    const shown = mailBrand('proj', saved.value, 'https://auth.example.com/proj_1')
    const plain = mail({ name: 'x', logo: LOGO }).html
    const { html, subject } = mail({ ...shown, logo: LOGO })
    const tags = (text: string) => [...text.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag)
    expect(tags(html)).toEqual(tags(plain))
    expect(subject).toContain(name)
    expect(html.match(/ on\w+=/g)).toBeNull()
  })

  test('a picture or a link of another kind breaks the mail instead of going out', () => {
    expect(() => mail({ logo: { ...LOGO, url: 'javascript:alert(1)' } })).toThrow()
    expect(() => mail({ termsUrl: 'javascript:alert(1)' })).toThrow()
  })
})
