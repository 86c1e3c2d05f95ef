import type { OutboundFetch } from './guarded-http.js'
import { OAuthProblem } from './oauth-problem.js'
import type { ProvidedIdentity } from './provider.js'

/** GitHub's API instead of an ID token: who it is, and which address is primary and verified. */
export async function fetchGithubIdentity(fetch: OutboundFetch, userEndpoint: string, accessToken: string): Promise<ProvidedIdentity> {
  const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${accessToken}`, 'x-github-api-version': '2022-11-28' }
  const user = await readJson(await fetch(userEndpoint, { headers }))
  if (!isRecord(user) || typeof user['id'] !== 'number' || !Number.isSafeInteger(user['id'])) throw new OAuthProblem('untrusted', 'GitHub did not say who it is')
  const emails = await readJson(await fetch(`${userEndpoint}/emails`, { headers }))
  // `user.email` is the public address, typed freely and not necessarily verified: only the list counts.
  const primary = Array.isArray(emails) ? emails.filter(isRecord).find((entry) => entry['primary'] === true && typeof entry['email'] === 'string') : undefined
  return {
    subject: String(user['id']),
    email: primary ? (primary['email'] as string) : null,
    emailVerified: primary?.['verified'] === true,
    profile: {
      ...(typeof user['name'] === 'string' && { name: user['name'] }),
      ...(typeof user['login'] === 'string' && { username: user['login'] }),
      ...(typeof user['avatar_url'] === 'string' && { picture: user['avatar_url'] }),
    },
  }
}

async function readJson(response: Response): Promise<unknown> {
  if (response.status >= 500) throw new OAuthProblem('unavailable', `the API answered ${response.status}`)
  if (response.status !== 200) throw new OAuthProblem('refused', `the API answered ${response.status}`)
  try {
    return await response.json()
  } catch (error) {
    throw new OAuthProblem('untrusted', 'the API answered something else than JSON', { cause: error })
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
