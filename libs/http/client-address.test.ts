import { describe, expect, test } from 'vitest'
import { addressForLimits, clientAddress, readAddress } from './client-address.js'

const IPV4_CLIENT = [
  '198.51.100.1',
  ' 198.51.100.1 ',
  '198.51.100.1:4711',
  '"198.51.100.1:4711"',
  '::ffff:198.51.100.1',
  '::FFFF:198.51.100.1',
  '::ffff:c633:6401',
  '::FFFF:C633:6401',
  '0:0:0:0:0:ffff:c633:6401',
  '0000:0000:0000:0000:0000:FFFF:C633:6401',
  '0:0:0:0:0:ffff:198.51.100.1',
  '0::ffff:c633:6401',
  '[::ffff:c633:6401]',
  '[::ffff:198.51.100.1]:443',
  '"[::ffff:c633:6401]:443"',
  '::ffff:c633:6401%eth0',
  '::ffff:0:c633:6401', // IPv4-translated
  '64:ff9b::198.51.100.1', // NAT64
  '64:ff9b::c633:6401',
  '0064:FF9B:0:0:0:0:C633:6401',
  '64:ff9b:1::c633:6401', // NAT64 for local use, a /96
  '64:ff9b:1:fffe::198.51.100.1',
  '64:ff9b:1:c633:64:100::', // the same as a /48
]

describe('an IPv4 client', () => {
  test.each(IPV4_CLIENT)('%s is 198.51.100.1, in limits and in the audit log', (text) => {
    expect(readAddress(text)).toBe('198.51.100.1')
    expect(clientAddress('10.0.0.1', text, 1)).toBe('198.51.100.1')
    expect(clientAddress('10.0.0.1', `6.6.6.6, ${text}`, 1)).toBe('198.51.100.1')
    if (!/["\s[]/.test(text) && !/\d:\d+$/.test(text.replace(/.*::.*/, '')))
      expect(addressForLimits(clientAddress(text, undefined, 0))).toBe('198.51.100.1')
  })

  test.each(['2002:c633:6401::1', '2002:C633:6401:ffff::2', '2001:0:4136:e378:8000:63bf:39cc:9bfe'])(
    '%s is counted as 198.51.100.1',
    (text) => {
      expect(addressForLimits(clientAddress(text, undefined, 0))).toBe('198.51.100.1')
    },
  )

  test('neighbours are not one another', () => {
    const clients = ['198.51.100.1', '198.51.100.2', '198.51.0.1'].flatMap((address) => [`::ffff:${address}`, `64:ff9b::${address}`])
    expect(new Set(clients.map((text) => addressForLimits(clientAddress(text, undefined, 0)))).size).toBe(3)
  })
})

describe('an IPv6 client', () => {
  test.each([
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::6]:443', '2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:0000:0000:0000:0006', '2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8::6', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80::1', 'fe80:0:0:0::/64'],
    ['::1', '::1', '0:0:0:0::/64'],
    ['64:ff9a::1', '64:ff9a::1', '64:ff9a:0:0::/64'],
  ])('%s is %s, counted as %s', (text, address, counted) => {
    expect(readAddress(text)).toBe(address)
    expect(addressForLimits(address)).toBe(counted)
  })
})

test.each([
  '',
  'unknown',
  'evil',
  '198.51.100',
  '198.51.100.1.1',
  '198.51.100.01',
  '198.51.100.1:',
  '198.51.100.1:999999',
  '[198.51.100.1]',
  '[::1',
  '::1]',
  '[::1]x',
  '[::1]:',
  '::ffff:198.51.100.256',
  '1:2:3:4:5:6:7',
  '0x7f.1',
  '3325256705',
  '"198.51.100.1',
  '198.51.100.1 2',
])('%j is no address', (text) => {
  expect(readAddress(text)).toBeNull()
  expect(clientAddress('10.0.0.1', text, 1)).toBe('10.0.0.1')
})
