import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { Provider } from 'oidc-provider'

export interface OidcAccount {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
  groups?: string[]
}

export interface OidcServer {
  issuer: string
  clientId: string
  clientSecret: string
  /** Who signs in next. */
  account: OidcAccount
  /** Milliseconds every answer waits from now on; `Infinity`: none ever comes. */
  delayMs: number
  close(): Promise<void>
}

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(handler)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}

/**
 * A real authorization server (`oidc-provider`) on loopback. Its login page has one button; a client without a browser just posts the form.
 */
export async function startOidcServer(redirectUris: string[]): Promise<OidcServer> {
  const clientId = 'portico-test'
  const clientSecret = 'a-secret-of-the-test-client-0123456789'
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined
  const server = await serve((request, response) => {
    if (running.delayMs === Infinity) return
    setTimeout(() => handle(request, response), running.delayMs)
  })
  const issuer = server.url
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: ['test'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ ...accounts.get(sub), sub }) }),
    interactions: { url: (_context: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (context: { oidc: { session: { accountId: string }; client: { clientId: string } } }) => {
      const grant = new provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  const accounts = new Map<string, OidcAccount>()
  const callback = provider.callback()
  handle = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    if (request.method === 'POST') {
      accounts.set(running.account.sub, running.account)
      provider
        .interactionFinished(request, response, { login: { accountId: running.account.sub, remember: false } })
        .catch(() => response.writeHead(400).end())
      return undefined
    }
    return void response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>Provider</title><form method="post" action="${request.url}"><button type="submit">Continue as ${running.account.sub}</button></form>`)
  }
  const running: OidcServer = { issuer, clientId, clientSecret, account: { sub: 'unset' }, delayMs: 0, close: server.close }
  return running
}

export interface HostileIssuer {
  issuer: string
  /** Parameters of the last authorization request: the test plays the browser. */
  lastRequest: URLSearchParams
  /** What is wrong with the next ID token. */
  fault: 'none' | 'nonce' | 'alg_none' | 'signature' | 'issuer' | 'audience' | 'expired'
  account: OidcAccount
  /** Said besides, and instead: what no library would write. `undefined` leaves a claim out. */
  claims: Record<string, unknown>
  /** How often a code was redeemed. */
  redeemed: number
  close(): Promise<void>
}

/** An issuer that says what the test wants it to say. */
export async function startHostileIssuer(clientId = 'client'): Promise<HostileIssuer> {
  const good = await generateKeyPair('RS256')
  const other = await generateKeyPair('RS256')
  const publicJwk = { ...(await exportJWK(good.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const server = await serve((request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    const json = (body: unknown) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname === '/.well-known/openid-configuration') {
      return void json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        // «none» too: a careless server must not open a door here.
        id_token_signing_alg_values_supported: ['RS256', 'none'],
        authorization_response_iss_parameter_supported: true,
      })
    }
    if (url.pathname === '/jwks') return void json({ keys: [publicJwk] })
    if (url.pathname === '/authorize') {
      running.lastRequest = url.searchParams
      return void response.writeHead(200).end()
    }
    if (url.pathname === '/token') {
      running.redeemed += 1
      idToken().then(
        (token) => json({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: token }),
        () => response.destroy(),
      )
      return undefined
    }
    return void response.writeHead(404).end()
  })
  const issuer = server.url

  async function idToken(): Promise<string> {
    const { fault, account, lastRequest } = running
    const claims = {
      ...account,
      nonce: fault === 'nonce' ? 'another nonce' : lastRequest.get('nonce'),
      iss: fault === 'issuer' ? 'https://accounts.google.com' : issuer,
      aud: fault === 'audience' ? 'another client' : clientId,
      ...running.claims,
    }
    const now = Math.floor(Date.now() / 1000)
    const iat = fault === 'expired' ? now - 7_200 : now
    if (fault === 'alg_none') return new UnsecuredJWT(claims).setIssuedAt(iat).setExpirationTime(iat + 600).encode()
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuedAt(iat)
      .setExpirationTime(iat + 600)
      .sign(fault === 'signature' ? other.privateKey : good.privateKey)
  }

  const running: HostileIssuer = {
    issuer,
    lastRequest: new URLSearchParams(),
    fault: 'none',
    account: { sub: 'unset' },
    claims: {},
    redeemed: 0,
    close: server.close,
  }
  return running
}
