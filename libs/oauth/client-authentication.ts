import * as oauth from 'oauth4webapi'
import { OAuthProblem } from './oauth-problem.js'
import type { ProviderConfig, ProviderDefinition } from './provider.js'

/** How the client proves itself at the token endpoint (RFC 6749, 2.3.1). */
export async function clientAuthentication(config: ProviderConfig, definition: ProviderDefinition, as: oauth.AuthorizationServer): Promise<oauth.ClientAuth> {
  if (definition.clientAuthentication === 'apple') return appleSecret(config)
  const supported = as.token_endpoint_auth_methods_supported
  // Without a list the server must take `client_secret_basic` (RFC 8414, 2).
  const basic = supported === undefined || supported.includes('client_secret_basic')
  return basic ? oauth.ClientSecretBasic(config.clientSecret) : oauth.ClientSecretPost(config.clientSecret)
}

/** Apple's client secret is a JWT signed with the team's key. The library signs it; here it only moves to the field where Apple wants it. */
async function appleSecret(config: ProviderConfig): Promise<oauth.ClientAuth> {
  const key = await importKey(config.clientSecret)
  const sign = oauth.PrivateKeyJwt({ key, kid: config.extra['key_id'] ?? '' }, {
    [oauth.modifyAssertion]: (_header, payload) => {
      payload['iss'] = config.extra['team_id'] ?? ''
      payload['aud'] = 'https://appleid.apple.com'
    },
  })
  return async (as, client, body, headers) => {
    const signed = new URLSearchParams()
    await sign(as, client, signed, headers)
    body.set('client_id', client.client_id)
    body.set('client_secret', signed.get('client_assertion') ?? '')
  }
}

/** Fails with `misconfigured` when the text is no P-256 private key in PEM. */
async function importKey(pem: string): Promise<oauth.CryptoKey> {
  const base64 = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/.exec(pem.trim())?.[1]
  try {
    return await crypto.subtle.importKey('pkcs8', Buffer.from(base64 ?? '', 'base64'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  } catch (error) {
    throw new OAuthProblem('misconfigured', 'the client secret must be the private key from Apple (a .p8 file, PEM)', { cause: error })
  }
}
