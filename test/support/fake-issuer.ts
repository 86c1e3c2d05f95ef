import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose'

export type Json = Record<string, unknown>

/** An answer that is not simply JSON with status 200. */
export class Raw {
  constructor(
    readonly status: number,
    readonly body = '',
    readonly type = 'application/json',
    readonly headers: Record<string, string> = {},
  ) {}
}

/** How a server wants the client to authenticate: the ways that exist in the field, with their habits. */
export type Habit = 'post' | 'basic' | 'basic_without_decoding' | 'jwt'

export interface FakeIssuer {
  issuer: string
  clientId: string
  clientSecret: string
  accepts: Habit[]
  /** Over the usual metadata; `undefined` takes a field away. */
  metadata: Json
  /** Over the usual claims of the ID token, its nonce among them. */
  idToken: Json
  header: Partial<JWTHeaderParameters>
  /** Which key signs: by its number in `keys`, or the client secret. */
  signWith: number | 'secret'
  /** The whole token instead. */
  rawIdToken: string | null
  userInfo: Json | Raw | (() => Promise<Raw>)
  /** What the key set says, of the keys that there are. */
  keySet: (jwks: Json[]) => unknown
  tokenAnswer: Json | Raw | null
  keys: { privateKey: CryptoKey; jwk: Json }[]
  addKey(jwk?: Json): Promise<void>
  sign(claims: Json, header?: Partial<JWTHeaderParameters>, key?: number): Promise<string>
  /** Requests by path. */
  asked: Record<string, number>
  /** From the authorization request that the test saw. */
  nonce: string | null
  hangs: boolean
  reset(): void
  close(): Promise<void>
}

/** An OpenID provider of any shape. The test plays the browser. */
export async function startFakeIssuer(path = ''): Promise<FakeIssuer> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const usual = () => ({
    accepts: ['post', 'basic'] as Habit[],
    metadata: {},
    idToken: {},
    header: {},
    signWith: 0 as const,
    rawIdToken: null,
    userInfo: new Raw(404),
    keySet: (keys: Json[]) => ({ keys }),
    tokenAnswer: null,
    asked: {},
    nonce: null,
    hangs: false,
  })
  const running: FakeIssuer = {
    issuer: `${origin}${path}`,
    clientId: 'client',
    clientSecret: 'gloas-1.2_3~4+5/6=7:8 9%&',
    ...usual(),
    keys: [],
    addKey: async (jwk = {}) => {
      const pair = await generateKeyPair('RS256', { extractable: true })
      running.keys.push({
        privateKey: pair.privateKey,
        jwk: { ...(await exportJWK(pair.publicKey)), kid: `k${running.keys.length}`, alg: 'RS256', use: 'sig', ...jwk },
      })
    },
    sign: (claims, header = {}, key = 0) => {
      const { privateKey, jwk } = running.keys[key]!
      return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: jwk['kid'] as string, ...header }).sign(privateKey)
    },
    reset: () => void Object.assign(running, usual()),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  await running.addKey()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', origin)
    running.asked[pathname] = (running.asked[pathname] ?? 0) + 1
    if (running.hangs) return
    const send = (body: unknown) => {
      const raw = body instanceof Raw ? body : new Raw(200, JSON.stringify(body))
      response.writeHead(raw.status, { 'content-type': raw.type, ...raw.headers }).end(raw.body)
    }
    if (pathname.endsWith('/.well-known/openid-configuration')) return send(metadata())
    if (pathname === '/jwks') return send(running.keySet(running.keys.map(({ jwk }) => jwk)))
    if (pathname === '/token') return send(await token(request))
    if (pathname === '/userinfo') return send(typeof running.userInfo === 'function' ? await running.userInfo() : running.userInfo)
    return send(new Raw(404))
  }

  function metadata(): Json {
    return {
      issuer: running.issuer,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      userinfo_endpoint: `${origin}/userinfo`,
      jwks_uri: `${origin}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...running.metadata,
    }
  }

  async function token(request: IncomingMessage): Promise<unknown> {
    const form = new URLSearchParams(await text(request))
    if (!authenticated(request.headers.authorization, form)) {
      // LinkedIn's words for a client that is not in the body.
      if (!form.has('client_id'))
        return new Raw(400, '{"error":"invalid_request","error_description":"A required parameter \\"client_id\\" is missing"}')
      return new Raw(401, '{"error":"invalid_client"}')
    }
    if (!form.get('code_verifier')) return new Raw(400, '{"error":"invalid_grant"}')
    // The code of the configuration test, which was never issued.
    if (!form.get('code')?.startsWith('code')) return new Raw(400, '{"error":"invalid_grant"}')
    return running.tokenAnswer ?? { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60, id_token: await idToken() }
  }

  function authenticated(authorization: string | undefined, form: URLSearchParams): boolean {
    const ours = (id: string | null | undefined, secret: string | null | undefined) =>
      id === running.clientId && secret === running.clientSecret
    const [id = '', secret = ''] = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64').toString().split(':')
    const decoded = (part: string) => decodeURIComponent(part.replaceAll('+', ' '))
    return running.accepts.some((habit) => {
      if (habit === 'post') return ours(form.get('client_id'), form.get('client_secret'))
      if (habit === 'basic') return ours(decoded(id), decoded(secret))
      if (habit === 'basic_without_decoding') return ours(id, secret)
      return form.get('client_assertion_type')?.endsWith('jwt-bearer') === true && form.get('client_assertion')?.split('.').length === 3
    })
  }

  async function idToken(): Promise<string> {
    if (running.rawIdToken !== null) return running.rawIdToken
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: running.metadata['issuer'] ?? running.issuer,
      aud: running.clientId,
      sub: 'person',
      iat: now,
      exp: now + 600,
      nonce: running.nonce,
      ...running.idToken,
    }
    const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
    if (running.signWith !== 'secret') return running.sign(said, running.header, running.signWith)
    return new SignJWT(said).setProtectedHeader({ alg: 'HS256', ...running.header }).sign(new TextEncoder().encode(running.clientSecret))
  }
  return running
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
