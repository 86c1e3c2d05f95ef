/** What a webhook carries. */
export interface WebhookMessage {
  /** The same at every try: what was handled once need not be handled again. */
  id: string
  type: string
  version: number
  timestamp: string
  /** Null: it happened to the tenant itself. */
  projectId: string | null
  data: Record<string, unknown>
}

export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError'
}

export interface ReceivedWebhook {
  headers: Headers | Record<string, string | string[] | undefined>
  /** The bytes as they came, never parsed and printed again: the signature is over them. */
  body: string
}

const TOLERANCE_SECONDS = 300

/**
 * The message of a request that came from Portico (Standard Webhooks, 1.0), or a WebhookVerificationError. `request` is a `Request`, or
 * headers and raw body; several secrets are tried, for the time in which one replaces the other.
 */
export async function verifyWebhook(
  request: Request | ReceivedWebhook,
  secret: string | readonly string[],
  now = Date.now(),
): Promise<WebhookMessage> {
  const body = typeof request.body === 'string' ? request.body : await (request as Request).text()
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => header(request.headers, name))
  if (!id || !timestamp || !signatures) throw new WebhookVerificationError('The headers of a webhook are missing.')
  const seconds = Number(timestamp)
  // A message that somebody recorded is worth nothing after a while.
  if (!Number.isInteger(seconds) || Math.abs(now / 1000 - seconds) > TOLERANCE_SECONDS) {
    throw new WebhookVerificationError('The message is too old or from the future.')
  }
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [decode(one.slice(3))] : []))
  for (const each of [secret].flat()) {
    const bytes = decode(each.replace(/^whsec_/, ''))
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
    for (const signature of given) {
      // In constant time, as WebCrypto compares.
      if (await crypto.subtle.verify('HMAC', key, signature, signed)) return readMessage(body)
    }
  }
  throw new WebhookVerificationError('No signature of the message is right.')
}

function header(headers: ReceivedWebhook['headers'] | Headers, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return Array.isArray(found) ? found[0] : found
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0)!)
  } catch {
    return new Uint8Array(1)
  }
}

function readMessage(body: string): WebhookMessage {
  const { project_id: projectId, ...message } = JSON.parse(body) as Omit<WebhookMessage, 'projectId'> & { project_id: string | null }
  return { ...message, projectId }
}
