import { expect, test } from 'vitest'
import { appendToUrl } from './append-to-url.js'

test.each([
  ['https://app.example', 'https://app.example/?token=t'],
  ['https://app.example/', 'https://app.example/?token=t'],
  ['https://app.example?', 'https://app.example/?token=t'],
  ['https://app.example/cb', 'https://app.example/cb?token=t'],
  ['https://app.example/cb/', 'https://app.example/cb/?token=t'],
  ['https://app.example/cb?', 'https://app.example/cb?token=t'],
  ['https://app.example/cb?a=1', 'https://app.example/cb?a=1&token=t'],
  ['https://app.example/cb?a=1&', 'https://app.example/cb?a=1&token=t'],
  ['https://app.example/cb?a=1&&b', 'https://app.example/cb?a=1&&b&token=t'],
  ['https://app.example/cb?flag', 'https://app.example/cb?flag&token=t'],
  ['https://app.example/cb?a=', 'https://app.example/cb?a=&token=t'],
  ['https://app.example/cb?next=%2Fhome%2f', 'https://app.example/cb?next=%2Fhome%2f&token=t'],
  ['https://app.example/a%2fb%C3%A9?q=a+b%20c~d', 'https://app.example/a%2fb%C3%A9?q=a+b%20c~d&token=t'],
  ["https://app.example/cb?q=it's(a)*!", "https://app.example/cb?q=it's(a)*!&token=t"],
  ['https://app.example/cb?list[]=1&list[]=2&obj={a}|b', 'https://app.example/cb?list[]=1&list[]=2&obj={a}|b&token=t'],
  ['https://app.example/cb?sig=ab==&x=1;y=2', 'https://app.example/cb?sig=ab==&x=1;y=2&token=t'],
  ['https://app.example/cb?token=own', 'https://app.example/cb?token=own&token=t'],
  ['https://app.example/cb?code=PROMO&type=business&state=s&error=e', 'https://app.example/cb?code=PROMO&type=business&state=s&error=e&token=t'],
  ['https://app.example/cb?a=1#/route?x=1', 'https://app.example/cb?a=1&token=t#/route?x=1'],
  ['https://app.example/#/reset', 'https://app.example/?token=t#/reset'],
  ['https://app.example#!/x', 'https://app.example/?token=t#!/x'],
  ['https://app.example/cb?#', 'https://app.example/cb?token=t#'],
  ['http://localhost:3000', 'http://localhost:3000/?token=t'],
  ['http://[::1]:3000?x', 'http://[::1]:3000/?x&token=t'],
  ['myapp://x', 'myapp://x?token=t'],
  ['myapp://callback/path?from=mail', 'myapp://callback/path?from=mail&token=t'],
  ['com.example.app:/oauth', 'com.example.app:/oauth?token=t'],
  ['https://app.example/é x', 'https://app.example/%C3%A9%20x?token=t'],
])('%s', (url, expected) => {
  expect(appendToUrl(url, { token: 't' })).toBe(expected)
})

test('our own values are encoded, whatever they are, and can be read back', () => {
  const fields = { state: 'a b&c=d#e+f\r\n"<é', error: '\ud800' }
  const url = appendToUrl('https://app.example/cb?a=1#route', fields)
  expect(url).toMatch(/^[\x21-\x7e]+$/)
  expect([new URL(url).searchParams.get('state'), new URL(url).hash]).toEqual([fields.state, '#route'])
})
