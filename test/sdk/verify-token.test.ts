import { createServer } from 'node:http'
import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import jwt from 'jsonwebtoken'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { authOf as expressAuth, requireAuth as requireExpress } from '../../libs/sdk-app/express.js'
import { authOf as fastifyAuth, requireAuth as requireFastify } from '../../libs/sdk-app/fastify.js'
import { authOf as honoAuth, requireAuth as requireHono } from '../../libs/sdk-app/hono.js'
import { getAuth, withAuth } from '../../libs/sdk-app/next.js'
import { TokenError, verifyToken } from '../../libs/sdk-app/server.js'
import { type ScriptedServer, startScriptedServer } from './scripted-server.js'

const SECRET = '0123456789abcdef'.repeat(4)
const OTHER = 'fedcba9876543210'.repeat(4)
const ISSUER = 'https://auth.example/proj_1'

const claims = () => {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    sub: '8c0a2b1e-0000-4000-8000-000000000001',
    aud: 'proj_1',
    iat: now,
    exp: now + 60,
    jti: 'j',
    sid: 's',
    email: 'a@b.c',
    email_verified: true,
    amr: ['pwd'],
    auth_time: now,
  }
}
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function token(change: object = {}, secret = SECRET, header: object = {}): string {
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k1', ...header })}.${encode({ ...claims(), ...change })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: unknown) => (error instanceof TokenError ? error.reason : String(error)),
  )

const open: ScriptedServer[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
  for (const server of open.splice(0)) await server.close()
})

describe('with a secret', () => {
  test('the claims of a good token; the key is the hex text itself', async () => {
    const given = claims()
    const published = jwt.sign(given, SECRET, { algorithm: 'HS256', header: { alg: 'HS256', typ: 'at+jwt' } })
    expect(await verifyToken(published, { secret: SECRET, issuer: ISSUER, audience: 'proj_1' })).toEqual(given)
  })

  test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('a token of the type %s, with an audience and without', async (typ) => {
    const options = { secret: SECRET, issuer: ISSUER }
    expect(await reasonOf(verifyToken(token({}, SECRET, { typ }), options))).toBe('accepted')
    expect(await reasonOf(verifyToken(token({ aud: undefined }, SECRET, { typ }), options))).toBe('accepted')
    expect(await reasonOf(verifyToken(token({ aud: undefined }, SECRET, { typ }), { ...options, audience: 'proj_1' }))).toBe(
      'another audience',
    )
  })

  test('one of several secrets is enough, whatever the kid says', async () => {
    expect((await verifyToken(token({}, OTHER, { kid: 'unheard-of' }), { secrets: [SECRET, OTHER], issuer: ISSUER })).sid).toBe('s')
    expect(await reasonOf(verifyToken(token({}, OTHER), { secrets: [SECRET], issuer: ISSUER }))).toMatch(/signature/)
  })

  test('the environment is the default, the pair of a rotation included', async () => {
    vi.stubEnv('AUTH_URL', ISSUER)
    vi.stubEnv('AUTH_JWT_SECRET', 'a'.repeat(64))
    vi.stubEnv('AUTH_JWT_SECRET_NEXT', OTHER)
    vi.stubEnv('AUTH_JWT_SECRET_PREVIOUS', SECRET)
    for (const secret of ['a'.repeat(64), OTHER, SECRET]) expect((await verifyToken(token({}, secret))).iss).toBe(ISSUER)
    expect(await reasonOf(verifyToken(token({ iss: 'https://elsewhere.example' })))).toBe('another issuer')
    expect(await reasonOf(verifyToken(token({}, 'b'.repeat(64))))).toMatch(/signature/)
  })

  test('no key at all is a mistake in the configuration, not a bad token', async () => {
    for (const name of ['AUTH_URL', 'AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_JWT_SECRET_PREVIOUS', 'AUTH_JWKS_URL'])
      vi.stubEnv(name, '')
    await expect(verifyToken(token())).rejects.toThrow(TypeError)
    await expect(verifyToken(token(), { secret: '' })).rejects.toThrow(TypeError)
    await expect(verifyToken(token(), { secrets: [SECRET, ''] })).rejects.toThrow(TypeError)
  })

  const [head = '', body = '', signature = ''] = token().split('.')
  test.each<[string, string, string | RegExp]>([
    ['nothing', '', 'not a compact JWS'],
    ['two parts', `${head}.${body}`, 'not a compact JWS'],
    ['four parts', `${head}.${body}.${signature}.x`, 'not a compact JWS'],
    ['no signature', `${head}.${body}.`, 'not a compact JWS'],
    ['alg none', `${encode({ alg: 'none', typ: 'at+jwt' })}.${body}.${signature}`, /algorithm/],
    ['alg in another case', `${encode({ alg: 'hs256', typ: 'at+jwt' })}.${body}.${signature}`, /algorithm/],
    ['HS512', jwt.sign(claims(), SECRET, { algorithm: 'HS512', header: { alg: 'HS512', typ: 'at+jwt' } }), /algorithm/],
    ['another token type', token({}, SECRET, { typ: 'logout+jwt' }), 'not an access token'],
    ['no token type', token({}, SECRET, { typ: undefined }), 'not an access token'],
    ['an ID token with a nonce', token({ nonce: 'n' }, SECRET, { typ: 'JWT' }), 'not an access token'],
    ['an ID token without one', token({ jti: undefined }, SECRET, { typ: 'JWT' }), 'not an access token'],
    ['crit', token({}, SECRET, { crit: ['b64'] }), /critical/],
    ['padded base64', `${head}.${body}.${signature}=`, 'not base64url'],
    ['a changed payload', `${head}.${encode({ ...claims(), sub: 'somebody else' })}.${signature}`, /signature/],
    ['a payload that is a list', jwt.sign('[]', SECRET, { header: { alg: 'HS256', typ: 'at+jwt' } }), 'not a JSON object'],
    ['expired', token({ exp: claims().iat - 6 }), 'expired'],
    ['not yet issued', token({ iat: claims().iat + 60 }), 'not valid yet'],
    ['not before', token({ nbf: claims().iat + 60 }), 'not valid yet'],
    ['no exp', token({ exp: undefined }), /time/],
    ['exp as text', token({ exp: '9999999999' }), /time/],
    ['no sub', token({ sub: '' }), 'no sub'],
    ['another issuer', token({ iss: `${ISSUER}/` }), 'another issuer'],
    ['another audience', token({ aud: ['proj_2'] }), 'another audience'],
    ['a token as long as a book', `${head}.${'a'.repeat(20_000)}.${signature}`, 'not a compact JWS'],
  ])('is refused: %s', async (_what, bad, reason) => {
    const error = await verifyToken(bad, { secret: SECRET, issuer: ISSUER, audience: 'proj_1' }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ name: 'TokenError', code: 'invalid_token', status: 401, message: 'The token is not valid.' })
    expect((error as TokenError).reason).toMatch(reason)
  })

  test('clocks may differ by five seconds, and a time can be given', async () => {
    expect(await reasonOf(verifyToken(token({ exp: claims().iat - 3 }), { secret: SECRET, issuer: ISSUER }))).toBe('accepted')
    expect(
      await reasonOf(verifyToken(token({ exp: claims().iat - 3 }), { secret: SECRET, issuer: ISSUER, clockToleranceSeconds: 0 })),
    ).toBe('expired')
    expect(await reasonOf(verifyToken(token(), { secret: SECRET, issuer: ISSUER, now: new Date(Date.now() + 70_000) }))).toBe('expired')
  })
})

describe('with a key set', () => {
  function es256() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = (kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' })
    const mint = (kid: string) => {
      const signed = `${encode({ alg: 'ES256', typ: 'at+jwt', kid })}.${encode(claims())}`
      return `${signed}.${signBytes('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    return { jwk, mint, pem: publicKey.export({ format: 'pem', type: 'spki' }) as string }
  }

  async function serveKeys(answer: () => { status?: number; keys?: unknown[] }): Promise<ScriptedServer> {
    const server = await startScriptedServer(() => {
      const { status = 200, keys = [] } = answer()
      return { status, body: { keys } }
    })
    open.push(server)
    return server
  }

  test('fetches it once for many tokens, and again for a new kid, but not for every unknown one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const [first, second] = [es256(), es256()]
    const keys: unknown[] = [first.jwk('k1')]
    const server = await serveKeys(() => ({ keys }))
    const options = { jwksUrl: `${server.url}/jwks`, issuer: ISSUER }
    await Promise.all(Array.from({ length: 20 }, () => verifyToken(first.mint('k1'), options)))
    expect(server.requests).toHaveLength(1)
    for (const kid of ['x', 'y', 'z']) expect(await reasonOf(verifyToken(first.mint(kid), options))).toMatch(/no key with this kid/)
    expect(server.requests).toHaveLength(1)
    keys.push(second.jwk('k2'))
    vi.setSystemTime(Date.now() + 31_000)
    expect(await reasonOf(verifyToken(second.mint('k2'), options))).toBe('accepted')
    expect(await reasonOf(verifyToken(second.mint('k1'), options))).toBe('the signature does not fit')
    expect(server.requests).toHaveLength(2)
  })

  test('an outage of the key set changes nothing for keys that are known, and is 503 before', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const key = es256()
    let status = 503
    const server = await serveKeys(() => ({ status, keys: [key.jwk('k1')] }))
    const options = { jwksUrl: `${server.url}/jwks`, issuer: ISSUER }
    await expect(verifyToken(key.mint('k1'), options)).rejects.toMatchObject({ code: 'unavailable', status: 503 })
    status = 200
    expect(await reasonOf(verifyToken(key.mint('k1'), options))).toBe('accepted')
    status = 503
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(await reasonOf(verifyToken(key.mint('k1'), { ...options, now: new Date() }))).toBe('accepted')
  })

  test('HS256 is refused where there is no secret, above all one keyed with the public key', async () => {
    const key = es256()
    const server = await serveKeys(() => ({ keys: [key.jwk('k1')] }))
    const forged = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${encode(claims())}`
    const mac = createHmac('sha256', key.pem).update(forged).digest('base64url')
    expect(await reasonOf(verifyToken(`${forged}.${mac}`, { jwksUrl: `${server.url}/jwks`, issuer: ISSUER }))).toMatch(/algorithm/)
    expect(await reasonOf(verifyToken(key.mint('k1'), { secret: SECRET, issuer: ISSUER }))).toMatch(/algorithm/)
    expect(server.requests).toHaveLength(0)
  })

  test('keys of other kinds in the set are passed over', async () => {
    const key = es256()
    const server = await serveKeys(() => ({
      keys: [
        { kty: 'oct', k: 'AAAA', kid: 'k1' },
        { kty: 'RSA', kid: 'k2', n: 'x', e: 'AQAB' },
        { ...key.jwk('k3'), use: 'enc' },
        key.jwk('k4'),
      ],
    }))
    const options = { jwksUrl: `${server.url}/jwks`, issuer: ISSUER }
    expect(await reasonOf(verifyToken(key.mint('k4'), options))).toBe('accepted')
    expect(await reasonOf(verifyToken(key.mint('k3'), options))).toMatch(/no key/)
  })

  test('AUTH_URL alone is enough: its key set', async () => {
    const key = es256()
    const server = await serveKeys(() => ({ keys: [key.jwk('k1')] }))
    for (const name of ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT', 'AUTH_JWT_SECRET_PREVIOUS', 'AUTH_JWKS_URL']) vi.stubEnv(name, '')
    vi.stubEnv('AUTH_URL', `${server.url}/proj_1`)
    expect(await reasonOf(verifyToken(key.mint('k1'), { issuer: ISSUER }))).toBe('accepted')
    expect(server.requests[0]?.path).toBe('/proj_1/.well-known/jwks.json')
  })
})

describe('in front of a route', () => {
  const options = { secret: SECRET, issuer: ISSUER }
  const cases: [string, string | undefined, number, string | undefined][] = [
    ['a good token', `Bearer ${token()}`, 200, undefined],
    ['the scheme in another case', `bearer ${token()}`, 200, undefined],
    ['no header', undefined, 401, 'Bearer'],
    ['another scheme', 'Basic eDp5', 401, 'Bearer'],
    ['a bad token', `Bearer ${token({}, OTHER)}`, 401, 'Bearer error="invalid_token"'],
  ]
  const headersOf = (authorization: string | undefined): Record<string, string> => (authorization === undefined ? {} : { authorization })

  test.each(cases)('Fastify: %s', async (_what, authorization, status, challenge) => {
    const app = fastify()
    app.addHook('onRequest', requireFastify(options))
    app.get('/', async (request) => ({ sub: fastifyAuth(request).sub }))
    const response = await app.inject({ url: '/', headers: headersOf(authorization) })
    await app.close()
    expect([response.statusCode, response.headers['www-authenticate']]).toEqual([status, challenge])
    expect(response.json()).toMatchObject(status === 200 ? { sub: claims().sub } : { error: { code: expect.any(String) } })
  })

  test.each(cases)('Express: %s', async (_what, authorization, status, challenge) => {
    // The shape of Express: its response methods on Node's own objects.
    const guard = requireExpress(options)
    const server = createServer((request, raw) => {
      const response = {
        status: (code: number) => ((raw.statusCode = code), response),
        set: (headers: Record<string, string>) => (
          Object.entries(headers).forEach(([name, value]) => raw.setHeader(name, value)),
          response
        ),
        json: (body: unknown) => raw.end(JSON.stringify(body)),
      }
      void guard(request, response, (error) => (error ? raw.writeHead(500).end() : response.json({ sub: expressAuth(request).sub })))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { headers: headersOf(authorization) })
    expect([response.status, response.headers.get('www-authenticate') ?? undefined]).toEqual([status, challenge])
    expect(await response.json()).toMatchObject(status === 200 ? { sub: claims().sub } : { error: { code: expect.any(String) } })
    server.close()
  })

  test.each(cases)('Hono: %s', async (_what, authorization, status, challenge) => {
    const values = new Map<string, unknown>()
    const context = {
      req: { header: (name: string) => (name === 'authorization' ? authorization : undefined) },
      set: (key: string, value: unknown) => void values.set(key, value),
      get: (key: string) => values.get(key) as never,
    }
    let passed = ''
    const response = await requireHono(options)(context, async () => void (passed = honoAuth(context).sub))
    if (status === 200) expect([response, passed]).toEqual([undefined, claims().sub])
    else expect([response?.status, response?.headers.get('www-authenticate'), passed]).toEqual([status, challenge, ''])
  })

  test.each(cases)('Next.js: %s', async (_what, authorization, status, challenge) => {
    const handler = withAuth(
      async (_request, auth, context: { params: { id: string } }) => Response.json({ sub: auth.sub, id: context.params.id }),
      options,
    )
    const request = new Request('http://app.example/', { headers: headersOf(authorization) })
    const response = await handler(request, { params: { id: '7' } })
    expect([response.status, response.headers.get('www-authenticate') ?? undefined]).toEqual([status, challenge])
    expect(await response.json()).toMatchObject(status === 200 ? { sub: claims().sub, id: '7' } : { error: { code: expect.any(String) } })
    expect((await getAuth(request, options))?.sub).toBe(status === 200 ? claims().sub : undefined)
  })

  test('optional lets the anonymous pass, and still refuses a bad token', async () => {
    const app = fastify()
    app.addHook('onRequest', requireFastify({ ...options, optional: true }))
    app.get('/', async (request) => ({ auth: (request as { auth?: unknown }).auth }))
    expect((await app.inject('/')).json()).toEqual({ auth: null })
    expect((await app.inject({ url: '/', headers: { authorization: 'Bearer x' } })).statusCode).toBe(401)
    await app.close()
  })
})
