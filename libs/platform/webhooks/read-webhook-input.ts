import { AuthError, invalidField } from '@portico/kernel/auth-error'
import { readHttpUrl } from '@portico/kernel/http-url'
import type { GuardedHttp } from '@portico/outbound/guarded-http'

/** Where a webhook may go: https, and no address inside (loopback in development). */
export async function readWebhookUrl(text: string, http: GuardedHttp): Promise<string> {
  const url = readHttpUrl(text)
  if (!url || (url.protocol === 'http:' && !http.allowLoopback)) throw invalidField('url', 'invalid_url', 'This must be an https URL.')
  if (await http.isInner(url)) throw invalidField('url', 'not_allowed', 'This address is not reachable from outside.')
  return url.href
}

export function disabledEndpoint(): AuthError {
  return new AuthError('conflict', { message: 'The webhook endpoint is off, or does not exist. Turn it on first.' })
}
