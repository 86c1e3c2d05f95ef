import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contrast, readableOn, readColour, textOn } from './brand-colours.js'
import { branding } from './settings/branding.js'

const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)
const GROUNDS = { light: ['#ffffff', '#f5f6f8'], dark: ['#16191f', '#0d0f13'] }

test('whatever the colour is, text on it and text in it can be read (WCAG AA)', () => {
  fc.assert(
    fc.property(colour, (brand) => {
      expect(contrast(textOn(brand), brand)).toBeGreaterThanOrEqual(4.5)
      for (const grounds of Object.values(GROUNDS)) {
        const text = readableOn(brand, grounds)
        for (const ground of grounds) expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
      }
    }),
    { numRuns: 500 },
  )
})

test('a colour that can be read as it is stays', () => expect(readableOn('#2f4fd8', GROUNDS.light)).toBe('#2f4fd8'))

test.each([
  ['#FFF', '#ffffff'],
  ['#12aBcD', '#12abcd'],
  ['red', null],
  ['#12345', null],
  ['#123456;}body{display:none', null],
  ['url(https://evil.example)', null],
  ['var(--x)', null],
  ['#123456\n', null],
  [7, null],
])('the colour %s is %s', (given, read) => expect(readColour(given)).toBe(read))

test.each([
  ['a colour that ends the style', { colour: '#fff}</style><script>' }],
  ['a font of somebody else’s', { font: 'url(https://evil.example/x)' }],
  ['a radius with a unit', { radius: '8px;background:url(//evil.example)' }],
  ['a script for a link', { terms_url: 'javascript:alert(1)' }],
  ['data for a link', { privacy_url: 'data:text/html,<script>' }],
  ['a link without a host', { support_url: 'mailto:a@b.example?body=x' }],
  ['plain http', { terms_url: 'http://app.example/terms' }],
  ['a name that turns the writing round', { name: 'Bank\u202Eevil' }],
  ['a name with a line break', { name: 'A\nB' }],
  ['an unknown field', { css: 'body{}' }],
  ['a list', []],
])('branding refuses %s', (_what, value) => expect(branding.check(value)).toHaveProperty('problem'))

test('branding takes what is good, and leaves out what is null', () => {
  const good = {
    name: 'Blue <Bakery>',
    colour: '#FFD400',
    radius: 0,
    font: 'serif',
    support_url: 'mailto:help@app.example',
    powered_by: false,
    terms_url: null,
  }
  expect(branding.check(good)).toEqual({
    value: {
      name: 'Blue <Bakery>', colour: '#ffd400', radius: 0, font: 'serif', support_url: 'mailto:help@app.example', powered_by: false,
    },
  })
})
