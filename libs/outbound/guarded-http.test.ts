import { readFile } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GuardedHttp } from './guarded-http.js'
import { OutboundError } from './outbound-error.js'
import { Shares } from './shares.js'
import { isOutsideAddress } from './outside-address.js'

let server: Server
let port: number
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/slow') return
    if (request.url === '/large') return void response.end(Buffer.alloc(2_000_000))
    if (request.url === '/redirect') return void response.writeHead(302, { location: 'http://127.0.0.1/elsewhere' }).end()
    if (request.url === '/drip') {
      const timer = setInterval(() => response.write('x'), 20)
      request.once('close', () => clearInterval(timer))
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const get = (http: GuardedHttp, url: string) => http.within({ project: 'project', tenant: 'tenant' }, (fetch) => fetch(url))
const problem = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof OutboundError ? error.problem : String(error)),
  )
const development = () => new GuardedHttp({ allowLoopback: true, timeLimitMs: 400 })

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:0:1::1',
    '2001:db8::1',
    'nonsense',
    '',
  ])('%s is not outside', (address) => {
    expect(isOutsideAddress(address, false)).toBe(false)
  })
  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])('%s is', (address) => {
    expect(isOutsideAddress(address, false)).toBe(true)
  })
  test('the development switch adds loopback and nothing else', () => {
    expect(['127.0.0.1', '::1'].every((address) => isOutsideAddress(address, true))).toBe(true)
    expect(['10.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', 'fd00::1'].some((address) => isOutsideAddress(address, true))).toBe(false)
  })
})

describe('in production', () => {
  const http = new GuardedHttp({ allowLoopback: false, timeLimitMs: 400 })
  test.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://user:pass@example.com/',
    'file:///etc/passwd',
    'https://localhost/',
  ])('%s is not called', async (url) => {
    expect(await problem(get(http, url))).toBe('not_allowed')
  })
  test('a name that resolves to an inner address is not called, not even when a public one stands beside it', async () => {
    for (const addresses of [['10.0.0.5'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      const rebinding = new GuardedHttp({
        allowLoopback: false,
        resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      })
      expect(await problem(get(rebinding, 'https://idp.example/'))).toBe('not_allowed')
    }
  })
})

test('the socket goes to the address that was checked, whatever the name says a moment later', async () => {
  const asked: string[] = []
  const http = new GuardedHttp({
    allowLoopback: true,
    resolve: async (name) => {
      asked.push(name)
      return [{ address: asked.length === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]
    },
  })
  const answer = await get(http, `http://idp.example:${port}/`)
  expect([await answer.json(), asked]).toEqual([{ a: 1 }, ['idp.example']])
})

test('slow, dripping, large, redirecting and absent servers are all bounded', async () => {
  const started = performance.now()
  expect(await problem(get(development(), `http://127.0.0.1:${port}/slow`))).toBe('too_slow')
  expect(await problem(get(development(), `http://127.0.0.1:${port}/drip`))).toBe('too_slow')
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(await problem(get(new GuardedHttp({ allowLoopback: true }), `http://127.0.0.1:${port}/large`))).toBe('too_large')
  expect(await problem(get(development(), 'http://127.0.0.1:1/'))).toBe('unreachable')
  const redirect = await get(development(), `http://127.0.0.1:${port}/redirect`)
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://127.0.0.1/elsewhere'])
})

test('a project has a bounded number of units at once, which share one time limit', async () => {
  const http = new GuardedHttp({ allowLoopback: true, timeLimitMs: 300, maxPerProject: 2 })
  const hanging = [get(http, `http://127.0.0.1:${port}/slow`), get(http, `http://127.0.0.1:${port}/slow`)].map(problem)
  expect(await problem(get(http, `http://127.0.0.1:${port}/`))).toBe('busy')
  expect(await Promise.all(hanging)).toEqual(['too_slow', 'too_slow'])
  expect(await problem(get(http, `http://127.0.0.1:${port}/`))).toBe('none')
})

test('what hangs of one project, or of many greedy ones together, does not keep another project waiting', async () => {
  const http = new GuardedHttp({ allowLoopback: true, timeLimitMs: 1_500 })
  const slow = (project: string) => problem(http.within({ project, tenant: project }, (fetch) => fetch(`http://127.0.0.1:${port}/slow`)))
  const hanging = [
    ...Array.from({ length: 110 }, () => slow('one project')),
    ...Array.from({ length: 450 }, (_, at) => slow(`project ${at % 15}`)),
  ]
  const from = performance.now()
  expect(await problem(http.within({ project: 'another', tenant: 'another' }, (fetch) => fetch(`http://127.0.0.1:${port}/`)))).toBe('none')
  expect(performance.now() - from).toBeLessThan(1_000)
  const problems = await Promise.all(hanging)
  expect(problems.slice(0, 110).filter((each) => each === 'too_slow')).toHaveLength(50)
  expect(new Set(problems)).toEqual(new Set(['too_slow', 'busy']))
})

test('one tenant whose issuer hangs in all its projects, or several such, leaves room for a project of another', () => {
  const shares = new Shares(50)
  const began = (tenant: string) =>
    Array.from({ length: 1_000 }, (_, at) => shares.take({ project: `${tenant} ${at % 500}`, tenant })).filter(Boolean).length
  expect(began('one')).toBe(300)
  expect(Array.from({ length: 60 }, () => shares.take({ project: 'modest', tenant: 'modest' })).filter(Boolean)).toHaveLength(50)
  expect([began('two'), began('three')]).toEqual([50, 8])
  // A tenant has two units in each project, and eight in all, when there is no room left.
  const late = Array.from({ length: 12 }, (_, at) => shares.take({ project: `late ${at % 3}`, tenant: 'late' }))
  expect(late.filter(Boolean)).toHaveLength(6)
  for (let at = 0; at < 500; at++) for (let unit = 0; unit < 2; unit++) if (at < 150) shares.give({ project: `one ${at}`, tenant: 'one' })
  expect(shares.take({ project: 'one 0', tenant: 'one' })).toBe(true)
})

test('names without an answer do not hold the threads of the process', async () => {
  const http = new GuardedHttp({ allowLoopback: false, timeLimitMs: 1_000 })
  const asked = Array.from({ length: 12 }, (_, at) => problem(get(http, `https://nobody-${at}.invalid/`)))
  const from = performance.now()
  await new Promise((done, fail) => readFile(new URL(import.meta.url), (error) => (error ? fail(error) : done(null))))
  expect(performance.now() - from).toBeLessThan(500)
  expect((await Promise.all(asked)).every((each) => each === 'unreachable' || each === 'too_slow')).toBe(true)
})

test.each([
  'https://10.0.0.1/',
  'https://169.254.169.254/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://localhost/',
  'https://idp.localhost/',
  'https://localhost./',
])('%s is an inner address', async (url) => {
  expect(await new GuardedHttp({ allowLoopback: false }).isInner(new URL(url))).toBe(true)
})

test('a name is inner when it resolves to an inner address, and outside when that is unknown', async () => {
  const resolving = (addresses: string[]) =>
    new GuardedHttp({ allowLoopback: false, resolve: async () => addresses.map((address) => ({ address, family: 4 })) })
  expect(await resolving(['10.0.0.5']).isInner(new URL('https://idp.example'))).toBe(true)
  expect(await resolving(['8.8.8.8']).isInner(new URL('https://idp.example'))).toBe(false)
  expect(await resolving([]).isInner(new URL('https://idp.example'))).toBe(false)
  expect(await new GuardedHttp({ allowLoopback: true }).isInner(new URL('http://127.0.0.1:4000'))).toBe(false)
})
