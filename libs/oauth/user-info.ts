import type { OutboundFetch } from '@portico/outbound/guarded-http'
import * as oauth from 'oauth4webapi'
import { OAuthProblem } from './oauth-problem.js'
import type { Claims } from './provider.js'
import { isRecord, readJson } from './read-json.js'
import { endpoint, requestOptions } from './server-metadata.js'
import type { TokenKeys } from './token-keys.js'
import { unreadBecause, type Unread } from './unread.js'

export type UserInfo = { claims: Claims } | { unread: Unread }

interface Question {
  as: oauth.AuthorizationServer
  client: oauth.Client
  accessToken: string
  subject: string
}

/**
 * What the user info endpoint says about the person of the ID token (OpenID Connect Core, 5.3). One that cannot be read is no reason to
 * refuse somebody who is known already: then the address is unknown. One that can be read and fails a check is refused: another subject
 * (5.3.2), or a JWT whose signature is not the provider's.
 */
export async function fetchUserInfo(
  { as, client, accessToken, subject }: Question,
  fetch: OutboundFetch,
  keys: TokenKeys,
  allowLoopback: boolean,
): Promise<UserInfo> {
  if (as.userinfo_endpoint === undefined) return { unread: { kind: 'misconfigured', detail: 'the provider names no userinfo_endpoint' } }
  let response: Response
  try {
    endpoint(as, 'userinfo_endpoint', allowLoopback)
    response = await oauth.userInfoRequest(as, client, accessToken, requestOptions(fetch, allowLoopback))
  } catch (error) {
    return { unread: unreadBecause(error, 'user info') }
  }
  const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (response.status === 200 && type === 'application/jwt')
    return { claims: await signedClaims({ as, client, accessToken, subject }, response, fetch, keys) }
  let body: unknown
  try {
    body = await readJson(response, 'user info')
  } catch (error) {
    return { unread: unreadBecause(error, 'user info') }
  }
  if (!isRecord(body)) return { unread: { kind: 'untrusted', detail: 'user info is no object' } }
  if (body['sub'] !== subject) throw new OAuthProblem('untrusted', 'user info is about somebody else')
  return { claims: body }
}

async function signedClaims({ as, client, subject }: Question, response: Response, fetch: OutboundFetch, keys: TokenKeys): Promise<Claims> {
  const algorithms = as.userinfo_signing_alg_values_supported ?? as.id_token_signing_alg_values_supported ?? ['RS256']
  const server = Object.assign({ ...as }, { userinfo_signing_alg_values_supported: algorithms })
  // The library goes by the letter of the type.
  const signed = new Response(await response.text(), { headers: { 'content-type': 'application/jwt' } })
  const claims = await oauth.processUserInfoResponse(server, { client_id: client.client_id }, subject, signed)
  await keys.verify(as, signed, fetch)
  return claims
}
