import { isRecord } from './read-json.js'

/**
 * A token answer with the fields that are used and no others: servers send `"refresh_token": null`, a list as `scope` or no `token_type`,
 * which the library refuses, and which say nothing about who came. What is used is left as it is, for the library to check.
 */
export async function readTokenAnswer(response: Response): Promise<Response> {
  const text = await response.text()
  return new Response(cleaned(text) ?? text, { status: response.status, headers: response.headers })
}

function cleaned(text: string): string | null {
  try {
    const body: unknown = JSON.parse(text)
    if (!isRecord(body) || 'error' in body) return null
    return JSON.stringify({
      access_token: body['access_token'],
      token_type: body['token_type'] ?? 'Bearer',
      id_token: body['id_token'] ?? undefined,
    })
  } catch {
    return null
  }
}

/** GitHub reports token errors with status 200; the library expects 400 (RFC 6749, 5.2). */
export async function githubErrors(response: Response): Promise<Response> {
  const body = await response.text()
  const refused = response.status === 200 && /"error"\s*:/.test(body)
  return new Response(body, { status: refused ? 400 : response.status, headers: response.headers })
}

/**
 * Whether the ID token of a token answer has a nonce. Read before it is checked, to know what to check; what cannot be read is refused
 * later.
 */
export async function mentionsNonce(answer: Response): Promise<boolean> {
  try {
    const { id_token: idToken } = (await answer.clone().json()) as { id_token: string }
    return Object.hasOwn(JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as object, 'nonce')
  } catch {
    return false
  }
}
