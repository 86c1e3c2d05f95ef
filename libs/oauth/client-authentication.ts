import * as oauth from 'oauth4webapi'
import { OAuthProblem } from './oauth-problem.js'
import type { ProviderConfig, ProviderDefinition } from './provider.js'

/** What `token_endpoint_auth_method` may say (the names of RFC 7591, 2). */
export const AUTH_METHODS = ['client_secret_post', 'client_secret_basic', 'client_secret_jwt'] as const
export type AuthMethod = (typeof AUTH_METHODS)[number]

/**
 * How the client proves itself at the token endpoint, in the order to try. There are two only where the provider does not say what it
 * takes: then it should take Basic (RFC 8414, 2), and some take nothing but the body (LinkedIn).
 */
export async function clientAuthentications(
  config: ProviderConfig,
  definition: ProviderDefinition,
  as: oauth.AuthorizationServer,
): Promise<oauth.ClientAuth[]> {
  if (definition.clientAuthentication === 'apple') return [await appleSecret(config)]
  return methods(config, definition, as.token_endpoint_auth_methods_supported).map((method) => authentication(method, config.clientSecret))
}

function methods(config: ProviderConfig, definition: ProviderDefinition, supported: readonly string[] | undefined): AuthMethod[] {
  const configured = AUTH_METHODS.find((method) => method === config.options.tokenEndpointAuthMethod)
  if (configured) return [configured]
  if (definition.clientAuthentication === 'post') return ['client_secret_post']
  if (supported === undefined) return ['client_secret_basic', 'client_secret_post']
  // The body first: servers disagree on the encoding inside Basic, and on nothing here.
  const listed = AUTH_METHODS.find((method) => supported.includes(method))
  return [listed ?? 'client_secret_post']
}

function authentication(method: AuthMethod, secret: string): oauth.ClientAuth {
  if (method === 'client_secret_post') return oauth.ClientSecretPost(secret)
  if (method === 'client_secret_jwt') return oauth.ClientSecretJwt(secret)
  return (_as, client, _body, headers) => {
    const credentials = Buffer.from(`${formEncoded(client.client_id)}:${formEncoded(secret)}`).toString('base64')
    headers.set('authorization', `Basic ${credentials}`)
  }
}

/**
 * application/x-www-form-urlencoded (RFC 6749, 2.3.1), with `-._~` bare: encoding those is allowed and pointless, and servers that do not
 * decode (GitLab, whose secrets carry `-`) would refuse the client.
 */
function formEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/**
 * Apple's client secret is a JWT signed with the team's key. The library signs it; here it only moves to the field where Apple wants it.
 */
async function appleSecret(config: ProviderConfig): Promise<oauth.ClientAuth> {
  const key = await importKey(config.clientSecret)
  const sign = oauth.PrivateKeyJwt({ key, kid: config.options.keyId ?? '' }, {
    [oauth.modifyAssertion]: (_header, payload) => {
      payload['iss'] = config.options.teamId ?? ''
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
    return await crypto.subtle.importKey('pkcs8', Buffer.from(base64 ?? '', 'base64'), { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'sign',
    ])
  } catch (error) {
    throw new OAuthProblem('misconfigured', 'the client secret must be the private key from Apple (a .p8 file, PEM)', { cause: error })
  }
}
