/**
 * The headers of a webhook with this body, as Portico signs it (Standard Webhooks, 1.0): for tests of a receiver, and for tools that stand
 * in for Portico.
 */
export async function signWebhook(body: string, secret: string, now = Date.now()): Promise<Record<string, string>> {
  const { id } = JSON.parse(body) as { id: string }
  const seconds = Math.floor(now / 1000)
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (letter) => letter.codePointAt(0)!)
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${seconds}.${body}`))
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${btoa(String.fromCodePoint(...new Uint8Array(signature)))}`,
  }
}
