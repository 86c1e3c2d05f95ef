import { expect, test } from 'vitest'
import { ClientAddresses } from './client-addresses.js'

const PUBLIC = '203.0.113.9'

/** How often it says that clients come with the address of a proxy of ours. */
function said(hops: number, requests: [peer: string, forwardedFor: string | undefined][]): { addresses: string[]; said: object[] } {
  const lines: object[] = []
  const addresses = new ClientAddresses(hops, { warn: (line: object) => void lines.push(line) })
  return { addresses: requests.map(([peer, forwardedFor]) => addresses.of(peer, forwardedFor)), said: lines }
}

test('a proxy of ours that is counted as the client is said once, however many come', () => {
  const twice: [string, string] = ['10.0.0.3', `${PUBLIC}, 10.0.0.2`]
  expect(said(1, [twice, twice])).toEqual({ addresses: ['10.0.0.2', '10.0.0.2'], said: [{ address: '10.0.0.2', trusted_proxy_hops: 1 }] })
})

test.each<[string, number, string, string | undefined, number]>([
  ['enough are trusted', 2, '10.0.0.3', `${PUBLIC}, 10.0.0.2`, 0],
  ['none is trusted, and one is there', 0, '172.18.0.2', PUBLIC, 1],
  ['one of IPv6', 0, 'fd00::2', PUBLIC, 1],
  ['no proxy at all', 0, PUBLIC, undefined, 0],
  ['a health check from next door', 1, '10.0.0.3', undefined, 0],
  ['a network of our own, all of it', 1, '10.0.0.3', '192.168.7.20', 0],
  ['a header that a stranger made up', 0, '198.51.100.7', PUBLIC, 0],
  ['a header that is no address', 0, '10.0.0.3', 'nonsense', 0],
])('%s', (_what, hops, peer, forwardedFor, times) => {
  expect(said(hops, [[peer, forwardedFor]]).said).toHaveLength(times)
})
