import type { MailBrand } from '@portico/kernel/settings/mail-brand'
import { describe, expect, test } from 'vitest'
import { problemsOf, renderOwn, type OwnTemplate } from './own-template.js'

const link = 'https://auth.example.com/mail?token=abc&type=x'
const good: OwnTemplate = { subject: 'Reset at {{ app }}', text: 'Go: {{ link }}', html: '<p>Go: <a href="{{ link }}">here</a></p>' }
const render = (template: Partial<OwnTemplate>, name = 'Bakery', look: Partial<MailBrand> = {}) =>
  renderOwn({ ...good, ...template }, { ...look, name }, 'en', { template: 'password_reset', link }, new Date('2026-11-30T05:06:07Z'))
const problems = (template: Partial<OwnTemplate>) =>
  problemsOf({ ...good, ...template }, 'password_reset', { name: 'Bakery' }, 'en').map(({ part }) => part)

test('the words of a project stand in our frame, or in a page of their own', () => {
  const mail = render({})
  expect(mail).toMatchObject({ subject: 'Reset at Bakery', text: `Go: ${link}\n` })
  expect(mail.html).toContain('<html lang="en">')
  expect(mail.html).toContain('href="https://auth.example.com/mail?token=abc&amp;type=x"')
  expect(render({ html: '<html><body>{{ link }}</body></html>' }).html).toMatch(/^<html><body>https/)
  expect(render({})).toEqual(mail)
})

test('the look of the project is at hand: its colour, what can be read on it, its logo', () => {
  const html = '<a style="background:{{ brand_colour }};color:{{ text_on_brand }}" href="{{ link }}">{{ logo_url }}</a>'
  const logo = { url: 'https://auth.example.com/branding/x.png', width: 96, height: 96 }
  expect(render({ html }, 'Bakery', { colour: '#ffd400', logo }).html).toContain(
    '<a style="background:#ffd400;color:#000000" href="https://auth.example.com/mail?token=abc&amp;type=x">https://auth.example.com/branding/x.png</a>',
  )
  expect(render({ html: '{% if logo_url == "" %}none{% endif %}{{ link }}' }).html).toContain('none')
})

test.each([
  ['{{ "now" | date: "%Y-%m-%d %H:%M:%S" }}', '2026-11-30 05:06:07'],
  ['{{ "today" | date: "%d.%m.%Y" }}', '30.11.2026'],
  ['{{ now | date: "%H:%M" }}', '05:06'],
  ['{% assign t = "now" %}{{ t | date: "%s" }}', '1796015167'],
  ['{{ "now" | date_to_xmlschema }}', '2026-11-30T05:06:07+00:00'],
  ['{{ "now" | date_to_rfc822 }}', 'Mon, 30 Nov 2026 05:06:07 +0000'],
  ['{{ "now" | date_to_string }}', '30 Nov 2026'],
  ['{{ "now" | date_to_long_string }}', '30 November 2026'],
  ['{{ "2026-01-01T00:00:00Z" | date: "%Y" }}', '2026'],
])('a time in a template is that of the first try, so that every try is the same bytes: %s', (text, shown) => {
  expect(render({ text: `${text} {{ link }}` }).text).toBe(`${shown} ${link}\n`)
})

test.each(['sample', 'shuffle'])('a template that throws dice (%s) is not saved', (filter) => {
  expect(problems({ text: `{{ "a,b,c" | split: "," | ${filter} }} {{ link }}` })).toEqual(['text'])
})

test('a template without its link, or one that shows a code on lock screens, is not saved', () => {
  expect(problems({})).toEqual([])
  expect(problems({ text: 'Go' })).toEqual(['text'])
  expect(problems({ html: '<p>{% if false %}{{ link }}{% endif %}</p>' })).toEqual(['html'])
  expect(
    problemsOf({ subject: '{{ code }}', text: '{{ code }} {{ link }}', html: '{{ code }} {{ link }}' }, 'sign_in', { name: 'B' }, 'en').map(
      ({ part }) => part,
    ),
  ).toContain('subject')
})

describe('what a template cannot do', () => {
  const hostile = '"><script>alert(1)</script>'
  test.each(['{{ app }}', '{{ app | raw }}', '{% assign x = app %}{{ x | raw }}', '{{ app | append: "" | raw }}'])(
    '%s is escaped',
    (html) => {
      expect(render({ html: `${html} {{ link }}` }, hostile).html).not.toContain('<script>alert')
    },
  )

  test.each([
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% assign a = "xxxxxxxxxxxxxxxx" %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
    '{% include "/etc/passwd" %}',
    '{% render "/etc/passwd" %}',
    '{% layout "/etc/passwd" %}',
    '{{ app | nonsense }}',
    '{% nonsense %}',
    '{{ app',
    'x'.repeat(200_000),
  ])('%# is refused quickly', (html) => {
    const since = performance.now()
    expect(problems({ html })).toEqual(['html'])
    expect(performance.now() - since).toBeLessThan(1_000)
  })

  test.each(['{{ app.constructor }}', '{{ __proto__ }}', '{{ constructor.prototype }}', '{{ app.__proto__.x }}'])(
    '%s shows nothing',
    (text) => {
      expect(render({ text: `[${text}] {{ link }}` }).text).toBe(`[] ${link}\n`)
    },
  )

  test('a line break in a subject adds no header', () => {
    expect(render({ subject: 'Hi\r\nBcc: eve@example.com' }).subject).toBe('Hi Bcc: eve@example.com')
  })
})
