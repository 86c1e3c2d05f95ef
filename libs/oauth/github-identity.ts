import type { OutboundFetch } from '@portico/outbound/guarded-http'
import { OAuthProblem } from './oauth-problem.js'
import type { Claims, ProvidedIdentity } from './provider.js'
import { isRecord, readJson } from './read-json.js'
import { profile, readAddress } from './read-identity.js'
import { unreadBecause, type Unread } from './unread.js'

/** GitHub's API instead of an ID token: who it is, and which address is primary and verified. */
export async function fetchGithubIdentity(fetch: OutboundFetch, userEndpoint: URL, accessToken: string): Promise<ProvidedIdentity> {
  const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${accessToken}`, 'x-github-api-version': '2022-11-28' }
  const user = await readJson(await fetch(userEndpoint, { headers }), 'the API')
  if (!isRecord(user) || typeof user['id'] !== 'number' || !Number.isSafeInteger(user['id']))
    throw new OAuthProblem('untrusted', 'GitHub did not say who it is')
  const emails = await readAddresses(() => fetch(`${userEndpoint.href}/emails`, { headers }))
  // `user.email` is the public address, typed freely and not necessarily verified: only the list counts.
  const primary = 'list' in emails ? emails.list.find((entry) => entry['primary'] === true && readAddress(entry) !== null) : undefined
  return {
    subject: String(user['id']),
    email: primary ? readAddress(primary) : null,
    emailVerified: primary?.['verified'] === true,
    profile: profile(user['name'], user['login'], user['avatar_url']),
    ...('unread' in emails && { unread: emails.unread }),
  }
}

/** A GitHub App without the permission for addresses gets 403 or 404 here: it still knows who came. */
async function readAddresses(ask: () => Promise<Response>): Promise<{ list: Claims[] } | { unread: Unread }> {
  try {
    const emails = await readJson(await ask(), 'the list of addresses')
    return Array.isArray(emails)
      ? { list: emails.filter(isRecord) }
      : { unread: { kind: 'untrusted', detail: 'the list of addresses is no list' } }
  } catch (error) {
    return { unread: unreadBecause(error, 'the list of addresses') }
  }
}
