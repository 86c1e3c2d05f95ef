import { OAuthProblem } from './oauth-problem.js'

/** The JSON of an answer with status 200. @param what names the answer in the problem. */
export async function readJson(response: Response, what: string): Promise<unknown> {
  if (response.status >= 500 || response.status === 429) throw new OAuthProblem('unavailable', `${what} answered ${response.status}`)
  if (response.status !== 200) throw new OAuthProblem('misconfigured', `${what} answered ${response.status}`)
  try {
    return await response.json()
  } catch (error) {
    throw new OAuthProblem('untrusted', `${what} is not JSON`, { cause: error })
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
