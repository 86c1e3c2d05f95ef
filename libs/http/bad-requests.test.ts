import { connect } from 'node:net'
import { Body, Controller, Get, HttpCode, Module, Param, Patch, Post, Query, Req } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { AuthError } from '@portico/kernel/auth-error'
import { IsBoolean, IsEmail, IsInt, IsObject, IsOptional, IsString, Max, MinLength } from 'class-validator'
import type { FastifyRequest } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Access, routeConfig } from './access.js'
import { fastifyOf } from './server-state.js'
import { createLogger } from './request-log.js'
import { assertEveryRouteDeclaresAccess, listRoutes } from './route-table.js'
import { createHttpApp, listen } from './start-app.js'
import { Convert, Nested, Nullable, toInteger, validated, validatedQuery, WireName } from './validated.js'

class LimitsBody {
  @IsInt() @Max(100) loginPoints!: number
}

class SettingsBody {
  @IsOptional() @IsBoolean() @WireName('allow_signups', 'signup_enabled', 'allowSignups') allowSignups?: boolean
  @IsOptional() @IsString() redirectTo?: string
  @IsOptional() @Nested(() => LimitsBody) limits?: LimitsBody
  @IsOptional() @IsObject() metadata?: object
  @IsOptional() @Nullable() @IsString() site?: string | null
}

class LogInBody {
  @IsEmail() email!: string
  @IsString() @MinLength(8) password!: string
}

class ListQuery {
  @IsOptional() @Convert(toInteger) @IsInt() @Max(100) limit?: number
}

@Controller()
class ProbeController {
  @Post(':project/login') @HttpCode(200) @Access('public') @routeConfig({ limit: 'login' })
  logIn(@Body(validated(LogInBody)) body: LogInBody) {
    return { email: body.email, instance: body instanceof LogInBody }
  }

  @Patch('settings') @Access({ scope: 'auth:write' })
  settings(@Body(validated(SettingsBody)) body: SettingsBody) {
    return { ...body, nested: body.limits instanceof LimitsBody }
  }

  @Post('ping') @HttpCode(200) @Access('public')
  ping() {
    return { ok: true }
  }

  @Get('things/:id') @Access('end-user')
  thing(@Param('id') id: string) {
    return { id }
  }

  @Get('things') @Access('end-user')
  things(@Query(validatedQuery(ListQuery)) query: ListQuery) {
    return { limit: query.limit ?? null }
  }

  @Get('me') @Access('public')
  me(@Req() request: FastifyRequest) {
    return request.clientInfo()
  }

  @Get('fail/:how') @Access('public')
  fail(@Param('how') how: string) {
    if (how === 'bug')
      throw new Error('secret-in-a-bug', {
        cause: Object.assign(new Error('inner'), { detail: 'Key (email)=(a@b.c) exists', code: '23505' }),
      })
    if (how === 'limited')
      throw new AuthError('rate_limited', { retryAfterSeconds: 7, rateLimit: { limit: 10, remaining: 0, resetSeconds: 7 } })
    if (how === 'lost') throw new AuthError('unavailable', { cause: new Error('ECONNREFUSED') })
    if (how === 'status') throw Object.assign(new Error('not ours'), { statusCode: 418 })
    throw 'a string'
  }
}

@Module({ controllers: [ProbeController] })
class ProbeModule {}

let app: NestFastifyApplication
let url: string
let port: number
let logged: Record<string, unknown>[] = []

beforeAll(async () => {
  const logger = createLogger({
    service: 'probe',
    level: 'info',
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  })
  app = await createHttpApp(ProbeModule, { logger, trustedProxyHops: 1, requestTimeoutMs: 1_000 })
  ;({ url, port } = await listen(app, { host: '127.0.0.1', port: 0 }))
})
afterAll(() => app.close())

interface Answer {
  status: number
  headers: Headers
  body: {
    error?: { code: string; message: string; request_id: string; details?: { field: string; code: string; message: string }[] }
  } & Record<string, unknown>
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + path, init)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] }
}

function send(method: string, path: string, body: string, type = 'application/json'): Promise<Answer> {
  return call(path, { method, body, headers: { 'content-type': type } })
}

/** Sends bytes as they are and reads everything until the other side closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
  })
}

const line = (requestLine: string): Promise<string> => raw(`${requestLine}\r\nHost: x\r\nConnection: close\r\n\r\n`)

describe('request ids', () => {
  test('a well-formed id is kept and echoed', async () => {
    expect((await call('/me', { headers: { 'x-request-id': 'abc-123.DEF_9' } })).headers.get('x-request-id')).toBe('abc-123.DEF_9')
  })

  test('a malformed id is replaced', async () => {
    for (const id of ['short', 'has space in it', 'x'.repeat(129), '<script>alert(1)</script>']) {
      const answer = await call('/me', { headers: { 'x-request-id': id } })
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  test('every kind of refusal carries one', async () => {
    const answers = [
      await call('/nothing'),
      await call('/settings'),
      await send('PATCH', '/settings', '{'),
      await send('PATCH', '/settings', `{"metadata":"${'x'.repeat(70_000)}"}`),
      await call('/%zz'),
    ]
    for (const { status, headers, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(body.error?.request_id).toBe(headers.get('x-request-id'))
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('bodies', () => {
  test.each([
    ['{', 400, 'invalid_json'],
    ['{"email":"a@b.co",}', 400, 'invalid_json'],
    ['not json', 400, 'invalid_json'],
    ['{"__proto__":{"admin":true}}', 400, 'invalid_json'],
    ['{"a":{"constructor":{"prototype":{"x":1}}}}', 400, 'invalid_json'],
    ['[]', 400, 'invalid_request'],
    ['null', 400, 'invalid_request'],
    ['"text"', 400, 'invalid_request'],
    ['7', 400, 'invalid_request'],
    ['{}', 422, 'validation_error'],
    ['', 422, 'validation_error'],
  ])('%s → %i %s', async (body, status, code) => {
    const answer = await send('POST', '/p/login', body)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
  })

  test('bytes that are not UTF-8 are not JSON', async () => {
    const answer = await call('/p/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) })
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'invalid_json'])
  })

  test('an empty body is fine where none is needed, JSON declared or not', async () => {
    expect((await call('/ping', { method: 'POST' })).status).toBe(200)
    expect((await call('/ping', { method: 'POST', headers: { 'content-type': 'application/json' } })).status).toBe(200)
    expect((await send('POST', '/ping', '', 'application/json; charset=utf-8')).status).toBe(200)
  })

  test('a body over 64 KiB is refused, declared or streamed', async () => {
    const large = JSON.stringify({ metadata: { text: 'x'.repeat(66_000) } })
    expect((await send('PATCH', '/settings', large)).body.error?.code).toBe('payload_too_large')
    const chunked = `PATCH /settings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n0\r\n\r\n`
    expect(await raw(chunked)).toMatch(/^HTTP\/1\.1 413 [\s\S]*payload_too_large/)
  })

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/merge-patch+json',
    'nonsense',
  ])('a body of type %s is refused', async (type) => {
    const answer = await send('POST', '/p/login', 'email=a', type)
    expect([answer.status, answer.body.error?.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('the problems name the wire fields and never the values', async () => {
    const answer = await send('POST', '/p/login', JSON.stringify({ email: 'attacker-text', password: 'short', isAdmin: true }))
    expect(answer.status).toBe(422)
    expect(answer.body.error?.details).toEqual([{ field: 'isAdmin', code: 'unknown_field', message: 'This field is not known.' }])
    const second = await send('POST', '/p/login', JSON.stringify({ email: 'attacker-text', password: 'short' }))
    expect(second.body.error?.details?.map(({ field, code }) => [field, code])).toEqual([
      ['email', 'invalid_email'],
      ['password', 'too_short'],
    ])
    expect(JSON.stringify(second.body)).not.toContain('attacker-text')
  })

  test('wire names are snake_case, synonyms are read, and two that disagree are refused', async () => {
    expect((await send('PATCH', '/settings', '{"redirect_to":"/x"}')).body).toMatchObject({ redirectTo: '/x' })
    expect((await send('PATCH', '/settings', '{"redirectTo":"/x"}')).body.error?.details?.[0]?.code).toBe('unknown_field')
    for (const name of ['allow_signups', 'signup_enabled', 'allowSignups']) {
      expect((await send('PATCH', '/settings', JSON.stringify({ [name]: true }))).body).toMatchObject({ allowSignups: true })
    }
    expect((await send('PATCH', '/settings', '{"allow_signups":true,"signup_enabled":true}')).status).toBe(200)
    expect((await send('PATCH', '/settings', '{"allow_signups":true,"signup_enabled":false}')).body.error?.code).toBe('conflicting_settings')
  })

  test('nested fields are checked and named with dots', async () => {
    expect((await send('PATCH', '/settings', '{"limits":{"login_points":5}}')).body).toMatchObject({
      nested: true,
      limits: { loginPoints: 5 },
    })
    const codes = async (body: string) =>
      (await send('PATCH', '/settings', body)).body.error?.details?.map(({ field, code }) => [field, code])
    expect(await codes('{"limits":{"login_points":500}}')).toEqual([['limits.login_points', 'too_large']])
    expect(await codes('{"limits":{"login_points":1,"x":2}}')).toEqual([['limits.x', 'unknown_field']])
    expect(await codes('{"limits":5}')).toEqual([['limits', 'not_an_object']])
  })

  test('text that Postgres cannot store and bottomless nesting are refused', async () => {
    const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`
    for (const metadata of ['{"a":"x\\u0000y"}', '{"a\\u0000":1}', '{"a":"\\ud800"}', '{"a":1e999}', deep]) {
      const answer = await send('PATCH', '/settings', `{"metadata":${metadata}}`)
      expect([answer.status, answer.body.error?.details?.[0]?.field]).toEqual([422, 'metadata'])
    }
    expect((await send('PATCH', '/settings', '{"metadata":{"a":"\\ud83d\\ude00"}}')).status).toBe(200)
  })

  test('null is nothing where a field is optional, a value where it may be null, and refused where the field is required', async () => {
    expect((await send('PATCH', '/settings', '{"redirect_to":null,"metadata":null,"limits":null,"allow_signups":null}')).body).toEqual({ nested: false })
    expect((await send('PATCH', '/settings', '{"site":null}')).body).toEqual({ nested: false, site: null })
    const answer = await send('POST', '/p/login', '{"email":null,"password":null}')
    expect([answer.status, answer.body.error?.details?.map(({ field }) => field)]).toEqual([422, ['email', 'password']])
  })

  test('query values are converted only where asked, and doubled ones are refused', async () => {
    expect((await call('/things?limit=5')).body).toEqual({ limit: 5 })
    for (const query of ['limit=five', 'limit=5&limit=6', 'limit=', 'limit=1e1', 'limit=500', 'other=1', '__proto__=1']) {
      expect((await call(`/things?${query}`)).status, query).toBe(422)
    }
  })
})

describe('paths and methods', () => {
  test('a wrong method is 405 with Allow, an unknown path 404', async () => {
    const answer = await call('/p/login')
    expect([answer.status, answer.body.error?.code, answer.headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST, OPTIONS'])
    expect((await call('/things/1', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect((await call('/nothing', { method: 'DELETE' })).body.error?.code).toBe('not_found')
    expect((await send('POST', '/nothing', '{}')).status).toBe(404)
  })

  test('HEAD answers like GET without a body, OPTIONS names the methods', async () => {
    const head = await fetch(`${url}/things/1`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const options = await fetch(`${url}/things/1`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
    expect((await fetch(`${url}/nothing`, { method: 'OPTIONS' })).status).toBe(404)
  })

  test.each([
    '/PING',
    '/ping/',
    '//ping',
    '/ping//',
    '/ping/.',
    '/ping.',
    '/./ping',
    '/x/../ping',
    '/ping%2F',
    '/ping;x=1',
    '/ping%3B',
    '/p%2Fing',
    '/things/',
    '/things//x',
  ])('%s is not /ping', async (path) => {
    expect(await line(`POST ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 (404|405) /)
  })

  test.each(['/things/%00', '/things/a%00b', '/things?x=%00', '/things/%zz', '/things/%', '/things/%ff'])(
    '%s is 400 or not found, never a 500',
    async (path) => {
      expect(await line(`GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 (400|404|422) [\s\S]*x-request-id: /i)
    },
  )

  test('an encoded slash stays inside its parameter', async () => {
    expect((await call('/things/a%2Fb')).body).toEqual({ id: 'a/b' })
  })

  test('an overlong parameter is an unknown path', async () => {
    expect((await call(`/things/${'x'.repeat(500)}`)).body.error?.code).toBe('not_found')
  })

  test.each(['GET http://evil.example/me HTTP/1.1', 'GET * HTTP/1.1', 'OPTIONS * HTTP/1.1', 'FOO /me HTTP/1.1', 'GET /me HTTP/9.9', 'GET /me\u0001 HTTP/1.1', 'garbage'])(
    'the request line «%s» gets no 5xx',
    async (requestLine) => {
      expect(await line(requestLine)).toMatch(/^HTTP\/1\.1 [234]\d\d /)
    },
  )

  test('a request that Node cannot read still gets the error body and an id', async () => {
    const text = await raw('GET /me HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toMatch(/x-request-id: /)
    expect(text).toContain('"code":"invalid_request"')
    expect(await raw(`GET /me HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('a client that never finishes its request is cut off', async () => {
    const started = Date.now()
    expect(await raw('POST /p/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"em')).toMatch(/^HTTP\/1\.1 408 /)
    expect(Date.now() - started).toBeLessThan(4_000)
  })
})

describe('errors', () => {
  test('a bug answers 500 without a trace of itself and is logged once with its causes', async () => {
    logged = []
    const answer = await call('/fail/bug')
    expect([answer.status, answer.body.error?.code]).toEqual([500, 'internal_error'])
    expect(JSON.stringify(answer.body)).not.toContain('secret-in-a-bug')
    const errors = logged.filter((entry) => entry['level'] === 'error')
    expect(errors).toHaveLength(1)
    expect(JSON.stringify(errors)).toContain('secret-in-a-bug')
    expect(JSON.stringify(logged)).not.toContain('a@b.c')
  })

  test('what is thrown but no error, or carries a status of its own, is a bug too', async () => {
    expect((await call('/fail/string')).status).toBe(500)
    expect((await call('/fail/status')).status).toBe(500)
  })

  test('a limit carries Retry-After and the RateLimit figures, a lost dependency Retry-After', async () => {
    const limited = await call('/fail/limited')
    expect([limited.status, ...['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'].map((name) => limited.headers.get(name))]).toEqual([429, '7', '10', '0', '7'])
    const lost = await call('/fail/lost')
    expect([lost.status, lost.headers.get('retry-after'), lost.body.error?.code]).toEqual([503, '1', 'unavailable'])
  })

  test('the request log holds the route, never the URL, the query or a stack of a refusal', async () => {
    logged = []
    await call('/things/secret-id?limit=secret-query')
    await call('/fail/limited')
    const requests = () => logged.filter((entry) => entry['msg'] === 'request')
    await expect.poll(() => requests().length).toBe(2)
    const lines = requests()
    expect(lines[0]).toMatchObject({ level: 'info', service: 'probe', method: 'GET', route: '/things/:id', status: 200 })
    expect(lines[1]).toMatchObject({ route: '/fail/:how', status: 429, code: 'rate_limited' })
    expect(typeof lines[0]?.['duration_ms']).toBe('number')
    expect(JSON.stringify(logged)).not.toMatch(/secret-|stack/)
  })
})

describe('client address', () => {
  test('with one trusted proxy the rightmost entry counts, whatever the client put before it', async () => {
    const ask = async (forwarded: string) => (await call('/me', { headers: { 'x-forwarded-for': forwarded } })).body['ip']
    expect(await ask('203.0.113.9')).toBe('203.0.113.9')
    expect(await ask('1.1.1.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(await ask('1.1.1.1, [2001:db8::1]:443')).toBe('2001:db8::1')
    expect(await ask('nonsense')).toBe('127.0.0.1')
    expect((await call('/me')).body['ip']).toBe('127.0.0.1')
  })
})

describe('routes', () => {
  test('the table lists what is declared', () => {
    expect(listRoutes(app)).toContainEqual({ method: 'POST', path: '/:project/login', access: 'public', limit: 'login' })
    expect(listRoutes(app)).toContainEqual({ method: 'PATCH', path: '/settings', access: { scope: 'auth:write' }, limit: null })
  })

  test('a controller method without @Access stops the start', async () => {
    @Controller()
    class OpenController {
      @Get('open') open() {
        return {}
      }
    }
    @Module({ controllers: [OpenController] })
    class OpenModule {}
    const careless = await createHttpApp(OpenModule, { logger: createLogger({ service: 'probe', level: 'silent' }) })
    await expect(listen(careless, { host: '127.0.0.1', port: 0 })).rejects.toThrow('routes without @Access: GET /open, HEAD /open')
    await careless.close()
  })

  test('a plain Fastify route without access is refused as well', async () => {
    const careless = await createHttpApp(ProbeModule, { logger: createLogger({ service: 'probe', level: 'silent' }) })
    fastifyOf(careless).post('/raw', async () => ({}))
    await careless.init()
    expect(() => assertEveryRouteDeclaresAccess(careless)).toThrow('POST /raw')
    await careless.close()
  })
})
