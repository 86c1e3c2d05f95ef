import { expect, test } from 'vitest'
import { parseRedisUrl } from './redis-url.js'

const PLAIN = { tls: false, username: null, password: null, db: 0, master: 'mymaster', sentinelPassword: null, caFile: null }

test.each([
  ['redis://localhost', { ...PLAIN, kind: 'single', hosts: [{ host: 'localhost', port: 6379 }] }],
  ['redis://localhost/', { ...PLAIN, kind: 'single', hosts: [{ host: 'localhost', port: 6379 }] }],
  [
    'rediss://:p%40ss@redis:6380/2',
    { ...PLAIN, kind: 'single', tls: true, password: 'p@ss', db: 2, hosts: [{ host: 'redis', port: 6380 }] },
  ],
  ['redis://portico:pw@[::1]:7', { ...PLAIN, kind: 'single', username: 'portico', password: 'pw', hosts: [{ host: '::1', port: 7 }] }],
  [
    'rediss://redis?ca_file=%2Fetc%2Fca.pem',
    { ...PLAIN, kind: 'single', tls: true, caFile: '/etc/ca.pem', hosts: [{ host: 'redis', port: 6379 }] },
  ],
  [
    'redis-cluster://one:7001,two',
    { ...PLAIN, kind: 'cluster', hosts: [{ host: 'one', port: 7001 }, { host: 'two', port: 6379 }] },
  ],
  [
    'rediss-sentinel://u:p@one,two:1/3?master=main&sentinel_password=s',
    {
      kind: 'sentinel', tls: true, username: 'u', password: 'p', db: 3, master: 'main', sentinelPassword: 's', caFile: null,
      hosts: [{ host: 'one', port: 26_379 }, { host: 'two', port: 1 }],
    },
  ],
])('%s', (text, address) => {
  expect(parseRedisUrl(text)).toEqual(address)
})

test.each([
  'http://redis', 'redis:', 'redis://', 'redis://one,two', 'redis-cluster://one/1', 'redis://one:70000', 'redis://one?master=x',
  'redis-sentinel://one?mastername=x', 'redis://a b', 'redis://:%zz@one',
])('%s is refused', (text) => {
  expect(parseRedisUrl(text)).toBeNull()
})
