import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const SHARED_PROVIDER = 'oidc:shared'
export const SHARED_CLIENT = 'client'

export interface SharedIssuer {
  issuer: string
  /** The code with which the browser comes back: it says for itself who signed in, and to which request. */
  code(account: { nonce: string; sub: string; email: string }): string
  close(): Promise<void>
}

/** An authorization server at which both tenants have the same client: what it says is good in either project, if the flow is. */
export async function startSharedIssuer(): Promise<SharedIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'shared', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    const json = (body: unknown) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (path === '/.well-known/openid-configuration') {
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        authorization_response_iss_parameter_supported: true,
      })
    }
    if (path === '/jwks') return json({ keys: [jwk] })
    let form = ''
    request.on('data', (chunk) => (form += chunk))
    request.on('end', () => {
      const code = new URLSearchParams(form).get('code') ?? ''
      const now = Math.floor(Date.now() / 1000)
      let claims: Record<string, string>
      try {
        claims = JSON.parse(Buffer.from(code, 'base64url').toString('utf8')) as Record<string, string>
      } catch {
        return void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}')
      }
      new SignJWT({ ...claims, email_verified: true, iss: issuer, aud: SHARED_CLIENT })
        .setProtectedHeader({ alg: 'RS256', kid: 'shared' })
        .setIssuedAt(now)
        .setExpirationTime(now + 600)
        .sign(privateKey)
        .then(
          (token) => json({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: token }),
          () => response.destroy(),
        )
    })
    return undefined
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    code: (account) => Buffer.from(JSON.stringify(account)).toString('base64url'),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}
