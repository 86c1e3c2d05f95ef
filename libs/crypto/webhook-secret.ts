import { hmacSha256 } from './hmac.js'
import { webhookSecretContext } from './seal-context.js'
import type { SealedBox } from './sealed-box.js'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import type { Entropy } from '@portico/kernel/entropy'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32
/** How long the replaced secret signs beside the new one. */
const BOTH_SECONDS = DAY_SECONDS

/** What signs for an endpoint; two while one replaces the other, so that the receiver may change whenever it likes. */
export interface WebhookSecrets {
  current: string
  previous: { secret: string; until: string } | null
}

export function newWebhookSecret(entropy: Entropy): string {
  return PREFIX + entropy.bytes(SECRET_BYTES).toString('base64')
}

export function rotatedSecrets(before: WebhookSecrets, entropy: Entropy, now: Date): WebhookSecrets {
  return { current: newWebhookSecret(entropy), previous: { secret: before.current, until: addSeconds(now, BOTH_SECONDS).toISOString() } }
}

export function sealSecrets(box: SealedBox, projectId: string, endpointId: string, secrets: WebhookSecrets): Buffer {
  return box.seal(JSON.stringify(secrets), webhookSecretContext(projectId, endpointId))
}

export function openSecrets(box: SealedBox, projectId: string, endpointId: string, sealed: Buffer): WebhookSecrets {
  return JSON.parse(box.open(sealed, webhookSecretContext(projectId, endpointId)).toString('utf8')) as WebhookSecrets
}

/** The header of Standard Webhooks: `v1,` and base64 of HMAC-SHA-256 over id, seconds and body, once for each secret that signs now. */
export function webhookSignature(secrets: WebhookSecrets, message: { id: string; seconds: number; body: string }, now: Date): string {
  const previous = secrets.previous && new Date(secrets.previous.until) > now ? [secrets.previous.secret] : []
  const signed = `${message.id}.${message.seconds}.${message.body}`
  return [secrets.current, ...previous]
    .map((secret) => `v1,${hmacSha256(Buffer.from(secret.slice(PREFIX.length), 'base64'), signed).toString('base64')}`)
    .join(' ')
}
