import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AuthError } from '@portico/kernel/auth-error'
import { VERSION } from '@portico/kernel/version'
import { MovableClock } from '@portico/kernel/clock'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { addressForLimits, clientAddress } from './client-address.js'
import { registerCors } from './cors.js'
import { stopGracefully } from './graceful-stop.js'
import { registerHealth } from './health.js'
import { escapeHtml, html, originForPolicy, rawHtml, sendPage } from './html-page.js'
import { createHttpServer, type HttpServerOptions } from './http-server.js'
import { collectMetrics, serveMetrics } from './metrics.js'
import { registerOpenApi } from './openapi-page.js'
import { createLogger } from './request-log.js'
import { registerTestClock } from './test-clock.js'

const logger = createLogger({ service: 'probe', level: 'silent' })
const config = { access: 'public' }
const servers: FastifyInstance[] = []

async function serve(routes: (server: FastifyInstance) => void, options: Partial<HttpServerOptions> = {}): Promise<string> {
  const server = createHttpServer({ logger, ...options })
  servers.push(server)
  routes(server)
  return server.listen({ port: 0, host: '127.0.0.1' })
}

afterEach(async () => {
  for (const server of servers) server.server.closeAllConnections()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('CORS', () => {
  const routes = (origins: string[], credentials = false) => (server: FastifyInstance) => {
    registerCors(server, (request) => (request.url.startsWith('/known') ? { allowedOrigins: origins, credentials } : null))
    server.post('/known', { config }, async () => ({ ok: true }))
    server.get('/known/fail', { config }, async () => {
      throw new AuthError('rate_limited', { retryAfterSeconds: 3 })
    })
  }
  const preflight = (base: string, origin: string, path = '/known') =>
    fetch(base + path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })

  test('without a list any origin may read, never with credentials', async () => {
    const base = await serve(routes([], true))
    const before = await preflight(base, 'https://anything.example')
    expect([before.status, before.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect(before.headers.get('access-control-allow-headers')).toContain('content-type')
    expect(before.headers.get('access-control-allow-credentials')).toBeNull()
    const actual = await fetch(`${base}/known`, { method: 'POST', headers: { origin: 'https://anything.example' } })
    expect(actual.headers.get('access-control-allow-origin')).toBe('*')
    expect(actual.headers.get('access-control-expose-headers')).toContain('ratelimit-reset')
  })

  test('with a list only its origins are named, each exactly', async () => {
    const base = await serve(routes(['https://app.example'], true))
    const good = await preflight(base, 'https://app.example')
    expect([good.headers.get('access-control-allow-origin'), good.headers.get('access-control-allow-credentials')]).toEqual([
      'https://app.example',
      'true',
    ])
    for (const origin of ['https://app.example.evil', 'http://app.example', 'https://APP.example', 'null', 'https://app.example:8443']) {
      expect((await preflight(base, origin)).headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('errors carry the headers too, and every answer varies by origin', async () => {
    const base = await serve(routes([]))
    const failed = await fetch(`${base}/known/fail`, { headers: { origin: 'https://a.example' } })
    expect([failed.status, failed.headers.get('access-control-allow-origin'), failed.headers.get('retry-after')]).toEqual([429, '*', '3'])
    const broken = await fetch(`${base}/known`, {
      method: 'POST',
      body: '{',
      headers: { origin: 'https://a.example', 'content-type': 'application/json' },
    })
    expect([broken.status, broken.headers.get('access-control-allow-origin')]).toEqual([400, '*'])
    expect((await fetch(`${base}/known/fail`)).headers.get('vary')).toBe('origin')
    expect((await preflight(base, 'https://a.example', '/other')).headers.get('access-control-allow-origin')).toBeNull()
  })

  test('a refusal before anybody knows the project can be read: overload, a lost database', async () => {
    const failing = (server: FastifyInstance) => {
      server.addHook('onRequest', async () => {
        throw new AuthError('unavailable')
      })
      registerCors(server, () => ({ allowedOrigins: ['https://a.example'] }), () => ({ allowedOrigins: [] }))
      server.get('/known', { config }, async () => ({}))
    }
    for (const options of [{ maxInFlight: 0 }, {}]) {
      const answer = await fetch(`${await serve(failing, options)}/known`, { headers: { origin: 'https://a.example' } })
      expect([
        answer.status,
        answer.headers.get('access-control-allow-origin'),
        answer.headers.get('access-control-expose-headers'),
      ]).toEqual([503, '*', expect.stringContaining('retry-after')])
    }
  })
})

describe('health and metrics', () => {
  test('a required part that is down makes the process unready, an optional one is reported', async () => {
    let postgres = true
    const base = await serve((server) =>
      registerHealth(server, {
        postgres: { required: true, check: async () => (postgres ? 1 : Promise.reject(new Error('down'))) },
        redis: { required: false, check: () => Promise.reject(new Error('down')) },
      }),
    )
    expect(await (await fetch(`${base}/health/live`)).json()).toEqual({ status: 'ok', version: VERSION })
    expect(await (await fetch(`${base}/health/ready`)).json()).toEqual({ status: 'ready', checks: { postgres: 'up', redis: 'down' } })
    postgres = false
    await expect.poll(async () => (await fetch(`${base}/health/ready`)).status).toBe(503)
    const unready = await fetch(`${base}/health/ready`)
    expect(await unready.json()).toMatchObject({ error: { code: 'unavailable', details: [{ field: 'postgres', code: 'down' }] } })
    expect(unready.headers.get('retry-after')).toBe('1')
  })

  test('metrics count requests by pattern and status, and read gauges when asked', async () => {
    const base = await serve((server) => {
      const metrics = collectMetrics(server, { service: 'probe' })
      serveMetrics(server, metrics.registry)
      metrics.gauge('queue_length', 'Waiting.', () => 7)
      metrics.counter('mails_total', 'Sent.', ['kind']).inc({ kind: 'reset' })
      server.get('/things/:id', { config }, async () => ({}))
    })
    await fetch(`${base}/things/secret-1`)
    await fetch(`${base}/things/secret-2`)
    await fetch(`${base}/secret-3`)
    const response = await fetch(`${base}/metrics`)
    const text = await response.text()
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(text).toContain('http_requests_total{method="GET",route="/things/:id",status="200",service="probe"} 2')
    expect(text).toContain('http_requests_total{method="any",route="unmatched",status="404",service="probe"} 1')
    expect(text).toContain('http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/things/:id",service="probe"} 2')
    expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",service="probe"} 2')
    expect(
      Number(/http_request_duration_seconds_sum\{method="GET",route="\/things\/:id",service="probe"\} (\S+)/.exec(text)?.[1]),
    ).toBeGreaterThan(0)
    expect(text).toContain('queue_length{service="probe"} 7')
    expect(text).toContain('mails_total{kind="reset",service="probe"} 1')
    expect(text).toContain('http_requests_in_flight{service="probe"} 1')
    expect(text).not.toContain('secret')
  })

  test('work beyond the cap is refused at once, probes are not', async () => {
    let inWork = 0
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const base = await serve(
      (server) => {
        registerHealth(server, {})
        server.get('/slow', { config }, async () => {
          inWork += 1
          await held
          return {}
        })
      },
      { maxInFlight: 3 },
    )
    const slow = [1, 2, 3].map(() => fetch(`${base}/slow`))
    await expect.poll(() => inWork).toBe(3)
    const refused = await fetch(`${base}/slow`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toMatchObject({ error: { code: 'overloaded' } })
    expect((await fetch(`${base}/health/live`)).status).toBe(200)
    release()
    expect((await Promise.all(slow)).map((response) => response.status)).toEqual([200, 200, 200])
    expect((await fetch(`${base}/slow`)).status).toBe(200)
  })

  test('slow bodies keep no other request out, and are bounded themselves', async () => {
    const base = await serve(
      (server) => {
        server.get('/read', { config }, async () => ({}))
        server.post('/write', { config }, async () => ({}))
      },
      { maxInFlight: 2 },
    )
    const { port } = new URL(base)
    const head = 'POST /write HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n'
    const open = Array.from({ length: 8 }, () => connect(Number(port), '127.0.0.1'))
    try {
      for (const socket of open) socket.write(head)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect((await fetch(`${base}/read`)).status).toBe(200)
      const oneMore = connect(Number(port), '127.0.0.1')
      open.push(oneMore)
      oneMore.write(head)
      const [refused] = (await once(oneMore, 'data')) as [Buffer]
      expect(refused.toString()).toMatch(/^HTTP\/1\.1 503 [^]*"overloaded"/)
      // The slow ones are served when they come to their end, and then their places are free again.
      const [first] = open
      first?.write('{}')
      expect(String((await once(first!, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/)
    } finally {
      for (const socket of open) socket.destroy()
    }
    await expect
      .poll(
        async () => (await fetch(`${base}/write`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status,
      )
      .toBe(200)
  })

  test('bodies that come to their end all at once are refused beyond what can be in work', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const base = await serve((server) => server.post('/slow', { config }, () => held.then(() => ({}))), { maxInFlight: 2 })
    const head = 'POST /slow HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n'
    const open = Array.from({ length: 3 }, () => connect(Number(new URL(base).port), '127.0.0.1'))
    const answers = open.map((socket) => once(socket, 'data').then(([data]) => String(data).slice(9, 12)))
    for (const socket of open) socket.write(head)
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const socket of open) socket.write('{}')
    expect(await Promise.race(answers)).toBe('503')
    release()
    expect((await Promise.all(answers)).toSorted()).toEqual(['200', '200', '503'])
    for (const socket of open) socket.destroy()
  })

  test('a GET that announces a body is in work like any other', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const base = await serve((server) => server.get('/slow', { config }, () => held.then(() => ({}))), { maxInFlight: 2 })
    const open = Array.from({ length: 3 }, () => connect(Number(new URL(base).port), '127.0.0.1'))
    const answers = open.map((socket) => once(socket, 'data').then(([data]) => String(data).slice(9, 12)))
    for (const socket of open) socket.write('GET /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n')
    expect(await Promise.race(answers)).toBe('503')
    release()
    expect((await Promise.all(answers)).toSorted()).toEqual(['200', '200', '503'])
    for (const socket of open) socket.destroy()
  })

  test('a client that goes away frees its place', async () => {
    const base = await serve(
      (server) => server.get('/slow', { config }, () => new Promise((resolve) => setTimeout(() => resolve({}), 300))),
      { maxInFlight: 1 },
    )
    await fetch(`${base}/slow`, { signal: AbortSignal.timeout(50) }).catch(() => undefined)
    await expect.poll(async () => (await fetch(`${base}/slow`)).status, { timeout: 10_000 }).toBe(200)
  })
})

describe('pages', () => {
  test('inserted text is escaped, markup is not', () => {
    expect(html`<b title="${'"><script>'}">${['<i>', rawHtml('<br>')]}${null}</b>`.text).toBe(
      '<b title="&quot;&gt;&lt;script&gt;">&lt;i&gt;<br></b>',
    )
    expect(escapeHtml(`'&`)).toBe('&#39;&amp;')
  })

  test('a page loads nothing from outside, cannot be framed, leaks no referrer, and is not indexed', async () => {
    const base = await serve((server) =>
      server.get('/page', { config }, (_request, reply) => {
        sendPage(reply, {
          title: 'A <title>',
          body: html`<form method="post"><button>Go</button></form>`,
          formTargets: ['https://app.example/path?x=1'],
        })
      }),
    )
    const first = await fetch(`${base}/page`)
    const policy = first.headers.get('content-security-policy') ?? ''
    const text = await first.text()
    const nonce = /style-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    expect(text).toContain(`<style nonce="${nonce}">`)
    expect(text).toContain('<title>A &lt;title&gt;</title>')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self' https://app.example")
    expect(policy).not.toMatch(/unsafe|script-src/)
    expect([first.headers.get('referrer-policy'), first.headers.get('x-robots-tag'), first.headers.get('cache-control')]).toEqual([
      'no-referrer',
      'noindex, nofollow',
      'no-store',
    ])
    expect((await fetch(`${base}/page`)).headers.get('content-security-policy')).not.toBe(policy)
  })

  test.each([
    ['https://app.example/cb', 'https://app.example'],
    ['https://App.Example:443/', 'https://app.example'],
    ['http://localhost:3000/a', 'http://localhost:3000'],
    ['http://[::1]:3000/', 'http://[::1]:3000'],
    ['https://*.preview.example.com/cb', 'https://*.preview.example.com'],
    ['https://münchen.example/', 'https://xn--mnchen-3ya.example'],
    ['https://user:pass@app.example/', 'https://app.example'],
    ['https://app.example; script-src *', null],
    ["https://app.example;script-src'unsafe-inline'/", null],
    ['https://app.example,evil.example/', null],
    ['https://*;/', null],
    ["https://*.'self'.example/", null],
    ["'unsafe-inline'", null],
    ['javascript:alert(1)', null],
    ['javascript://%0aalert(1)', null],
    ['myapp://callback', 'myapp:'],
    ['com.example.app:/cb', 'com.example.app:'],
    ["myapp://x;script-src'unsafe-inline'", 'myapp:'],
    ['https://app.example/#/cb', 'https://app.example'],
    ['data:text/html,x', null],
    ['https:', null],
    ['*', null],
    ['', null],
  ])('of the stored URL %s a policy says %s', (stored, source) => {
    expect(originForPolicy(stored)).toBe(source)
  })

  test('only routes made for it take a form', async () => {
    const base = await serve((server) => {
      server.post('/form', { config: { ...config, acceptsForm: true } }, async (request) => request.body)
      server.post('/json', { config }, async (request) => request.body)
    })
    const post = (path: string, body: string) =>
      fetch(base + path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(await (await post('/form', 'token=a%2Bb&x=1&x=2')).json()).toEqual({ token: 'a+b', x: ['1', '2'] })
    expect((await post('/json', 'token=a')).status).toBe(415)
  })

  test('the API document is served as JSON and as a page without outside resources', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portico-openapi-'))
    const file = join(folder, 'api.yaml')
    await writeFile(
      file,
      `openapi: 3.1.0
info: { title: Probe <API>, version: '1', description: What it is. }
tags: [{ name: Login, description: Getting in. }]
paths:
  /login:
    post:
      tags: [Login]
      summary: Log in
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/LogIn' } } } }
      responses:
        '200': { description: In., content: { application/json: { schema: { type: object, properties: { user: { $ref: '#/components/schemas/User' } } } } } }
        '401': { $ref: '#/components/responses/Refused' }
components:
  responses: { Refused: { description: Wrong address or password. } }
  schemas:
    LogIn: { type: object, required: [email], properties: { email: { type: string, format: email, description: The address. }, again: { $ref: '#/components/schemas/LogIn' } } }
    User: { type: object, properties: { id: { type: string, format: uuid }, roles: { type: array, items: { type: string } } } }
`,
    )
    const base = await serve((server) => registerOpenApi(server, { file, publicUrl: 'https://auth.example' }))
    const document = await fetch(`${base}/openapi.json`)
    // Read once.
    await rm(folder, { recursive: true })
    expect(await document.json()).toMatchObject({ openapi: '3.1.0', servers: [{ url: 'https://auth.example' }] })
    expect(document.headers.get('cache-control')).toBe('public, max-age=300')
    const page = await (await fetch(`${base}/docs`)).text()
    expect(page).toContain('<title>Probe &lt;API&gt;</title>')
    // Where no scripts run; the rest is in test/http/api-reference.test.ts.
    expect(page).toContain('<li><code>POST /login</code> Log in</li>')
    expect(page).not.toMatch(/https?:\/\//)
  })
})

test('the test clock moves forward only', async () => {
  const clock = new MovableClock()
  const base = await serve((server) => registerTestClock(server, clock))
  const post = (body: unknown) =>
    fetch(`${base}/__test/clock`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  const answer = (await (await post({ advance_seconds: 3_600 })).json()) as { now: string }
  expect(Date.parse(answer.now) - Date.now()).toBeGreaterThan(3_590_000)
  for (const body of [{ advance_seconds: -1 }, { advance_seconds: '5' }, { seconds: 5 }]) expect((await post(body)).status).toBe(422)
})

describe('client address', () => {
  test.each([
    ['203.0.113.7', 0, '10.0.0.1'],
    [undefined, 2, '10.0.0.1'],
    ['a, 203.0.113.7', 1, '203.0.113.7'],
    ['198.51.100.1, 203.0.113.7', 2, '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1, 203.0.113.7', 2, '198.51.100.1'],
    ['203.0.113.7', 5, '203.0.113.7'],
    ['evil, 203.0.113.7', 2, '203.0.113.7'],
    ['::ffff:203.0.113.7', 1, '203.0.113.7'],
    ['203.0.113.7:4711', 1, '203.0.113.7'],
    ['', 1, '10.0.0.1'],
  ])('%s over %i hops is %s', (header, hops, expected) => {
    expect(clientAddress('::ffff:10.0.0.1', header, hops)).toBe(expected)
  })

  test('limits count IPv6 by subscriber', () => {
    expect(addressForLimits('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(addressForLimits('2001:db8::6')).toBe('2001:db8:0:0::/64')
    expect(addressForLimits('::1')).toBe('0:0:0:0::/64')
    expect(addressForLimits('203.0.113.7')).toBe('203.0.113.7')
  })
})

describe('stopping', () => {
  test('requests in work are finished, new ones refused, hooks run in order', async () => {
    const steps: string[] = []
    const server = createHttpServer({ logger })
    registerHealth(server, {})
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let isInWork = false
    server.get('/slow', { config }, async () => {
      isInWork = true
      await held
      steps.push('answered')
      return { ok: true }
    })
    const base = await server.listen({ port: 0, host: '127.0.0.1' })
    const agent = new Agent({ keepAlive: true })
    const inWork = new Promise<{ status: number; connection: string | undefined }>((resolve, reject) => {
      httpRequest(`${base}/slow`, { agent }, (response) => {
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode ?? 0, connection: response.headers.connection }))
      })
        .on('error', reject)
        .end()
    })
    await expect.poll(() => isInWork).toBe(true)
    const exits: number[] = []
    const stop = stopGracefully({
      logger,
      apps: [server],
      drainMs: 1_000,
      onStop: [
        { name: 'first', run: () => steps.push('first') },
        { name: 'broken', run: () => Promise.reject(new Error('no')) },
        { name: 'last', run: () => steps.push('last') },
      ],
      exit: (code) => exits.push(code),
    })
    const spare = connect(Number(new URL(base).port), '127.0.0.1')
    const started = performance.now()
    const stopped = stop('test')
    expect((await fetch(`${base}/health/ready`)).status).toBe(503)
    expect((await fetch(`${base}/health/live`)).headers.get('connection')).toBe('close')
    release()
    expect((await inWork).status).toBe(200)
    await stopped
    // Neither the kept-alive connection nor the one that never sent anything holds the process up.
    expect(performance.now() - started).toBeLessThan(5_000)
    spare.destroy()
    await expect(fetch(`${base}/health/live`)).rejects.toThrow()
    expect(steps).toEqual(['answered', 'first', 'last'])
    expect(exits).toEqual([1])
    agent.destroy()
  })

  test('a request that does not finish is cut at its limit', async () => {
    const server = createHttpServer({ logger })
    let isInWork = false
    server.get('/stuck', { config }, () => {
      isInWork = true
      return new Promise(() => undefined)
    })
    const base = await server.listen({ port: 0, host: '127.0.0.1' })
    const stuck = fetch(`${base}/stuck`).then(
      () => 'answered',
      () => 'cut',
    )
    await expect.poll(() => isInWork).toBe(true)
    const exits: number[] = []
    await stopGracefully({ logger, apps: [server], drainMs: 0, inFlightMs: 200, exit: (code) => exits.push(code) })('test')
    expect(await stuck).toBe('cut')
    expect(exits).toEqual([0])
  })

  const entry = fileURLToPath(new URL('./dist/graceful-stop.js', import.meta.url))
  const program = (extra: string): string => `
    const { stopGracefully } = await import(${JSON.stringify(entry)})
    const { createHttpServer } = await import(${JSON.stringify(entry.replace('graceful-stop', 'http-server'))})
    const { createLogger } = await import(${JSON.stringify(entry.replace('graceful-stop', 'request-log'))})
    const logger = createLogger({ service: 'child', level: 'silent' })
    const server = createHttpServer({ logger })
    await server.listen({ port: 0, host: '127.0.0.1' })
    stopGracefully({ logger, apps: [server], drainMs: 50, onStop: [${extra}] })
    console.log('up')`

  async function runChild(extra: string, signals: number[]): Promise<{ code: number | null; ms: number }> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(extra)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const started = performance.now()
    for (const wait of signals) {
      await new Promise((resolve) => setTimeout(resolve, wait))
      child.kill('SIGTERM')
    }
    return { code: await exited, ms: performance.now() - started }
  }

  test('SIGTERM ends the process with 0', async () => {
    const { code, ms } = await runChild('', [0])
    expect(code).toBe(0)
    expect(ms).toBeLessThan(5_000)
  })

  test('a second signal ends it at once', async () => {
    const { code, ms } = await runChild("{ name: 'never', run: () => new Promise((resolve) => setTimeout(resolve, 60000)) }", [0, 400])
    expect(code).toBe(1)
    expect(ms).toBeLessThan(3_000)
  })
})
