import { expect, test } from 'vitest'
import { hostnameOf, isOriginOf, readHost } from './request-host.js'

test.each([
  ['login.shop.example', 'login.shop.example', null],
  ['LOGIN.Shop.example', 'login.shop.example', null],
  ['login.shop.example.', 'login.shop.example', null],
  ['login.shop.example:443', 'login.shop.example', 443],
  ['Login.shop.example.:8443', 'login.shop.example', 8443],
  ['login.shop.example:', 'login.shop.example', null], // RFC 3986, 3.2.3: the port may be empty
  ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example', null],
  ['localhost:4100', 'localhost', 4100],
  ['127.0.0.1:4100', '127.0.0.1', 4100],
  ['[::1]:4100', '[::1]', 4100],
  ['[2001:DB8::1]', '[2001:db8::1]', null],
])('Host %j is %s, port %s', (text, hostname, port) => {
  expect(readHost(text)).toEqual({ hostname, port })
})

test.each([
  undefined,
  '',
  '.',
  'a..b',
  'login.shop.example..',
  '.shop.example',
  'a b',
  'a@b',
  'user:pass@host',
  'host:port',
  'host:0',
  'host:65536',
  'host:443:443',
  'host/path',
  'host,other',
  'host%2eb',
  '[::1',
  '[evil]',
  '::1',
  'münchen.example',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(200)}example`,
])('Host %j is none', (text) => {
  expect(readHost(text)).toBeNull()
})

test('an origin is that of a host in any spelling of the host', () => {
  const host = readHost('Login.shop.example.:443')
  for (const origin of ['https://login.shop.example', 'https://login.shop.example.'])
    expect([origin, isOriginOf(origin, host)]).toEqual([origin, true])
  for (const origin of [
    'http://login.shop.example',
    'https://login.shop.example:8443',
    'https://other.example',
    'https://login.shop.example/x',
    'null',
    'https://x@login.shop.example',
    '',
  ])
    expect([origin, isOriginOf(origin, host)]).toEqual([origin, false])
  expect(isOriginOf('https://login.shop.example', null)).toBe(false)
})

test('a configured URL names its host in the same form', () => {
  expect(hostnameOf('https://Auth.Example.:8443/portal')).toBe('auth.example')
  expect(hostnameOf('http://[::1]:4100')).toBe('[::1]')
})
