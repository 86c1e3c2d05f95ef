import type { SealedBox } from '@portico/crypto/sealed-box'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, toNumericDate } from '@portico/kernel/duration'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OutboundError } from '@portico/outbound/outbound-error'
import type { DueWebhook, WebhookEnd, WebhookTry } from '../records/webhook-delivery.store.js'
import { openSecrets, webhookSignature } from '@portico/crypto/webhook-secret'

/** After the first, second … failed try. */
const PAUSES_SECONDS = [
  5, 5 * MINUTE_SECONDS, 30 * MINUTE_SECONDS, 2 * HOUR_SECONDS, 5 * HOUR_SECONDS, 10 * HOUR_SECONDS, 10 * HOUR_SECONDS,
]
const BUSY_SECONDS = 1
export const OFF_AFTER_SECONDS = 5 * DAY_SECONDS
export const WEBHOOK_TIME_LIMIT_MS = 15_000
const ANSWER_LIMIT = 65_536
const KEPT_CHARACTERS = 1_024
/** Of one project, at once. */
const MOST_OF_PROJECT = 50
/** What a receiver may have echoed: our secrets, tokens, credentials. */
const SECRETS = /whsec_[\w+/=-]+|msk_\w+|eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<=bearer\s+)\S+|v1,[\w+/=]{20,}/gi

/** One try of one delivery. Never throws: whatever happens is an end of the try. */
export class SendWebhook {
  readonly #http: GuardedHttp

  constructor(
    private readonly box: SealedBox,
    private readonly clock: Clock,
    options: { allowLoopback: boolean; timeLimitMs?: number },
  ) {
    this.#http = new GuardedHttp({
      allowLoopback: options.allowLoopback,
      timeLimitMs: options.timeLimitMs ?? WEBHOOK_TIME_LIMIT_MS,
      sizeLimit: ANSWER_LIMIT,
      maxPerProject: MOST_OF_PROJECT,
    })
  }

  async execute(due: DueWebhook): Promise<WebhookEnd> {
    const startedAt = this.clock.now()
    const begun = performance.now()
    const outcome = await this.#send(due, startedAt)
    const entry: WebhookTry = { at: startedAt.toISOString(), durationMs: Math.round(performance.now() - begun), ...outcome }
    const ok = outcome.status !== null && outcome.status >= 200 && outcome.status < 300
    // Our own bound and no fault of the receiver's: no try was made.
    const untried = outcome.error === 'busy'
    const pause = untried ? BUSY_SECONDS : PAUSES_SECONDS[due.attempt - 1]
    const nextAttemptAt = ok || pause === undefined ? null : addSeconds(this.clock.now(), pause)
    return { projectId: due.projectId, id: due.id, ok, untried, entry, nextAttemptAt }
  }

  async #send(due: DueWebhook, now: Date): Promise<Pick<WebhookTry, 'status' | 'error' | 'response'>> {
    try {
      const secrets = openSecrets(this.box, due.ownerId, due.endpointId, due.secretSealed)
      const seconds = toNumericDate(now)
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        accept: '*/*',
        'user-agent': 'Portico-Webhooks/1',
        'webhook-id': due.messageId,
        'webhook-timestamp': String(seconds),
        'webhook-signature': webhookSignature(secrets, { id: due.messageId, seconds, body: due.body }, now),
      }
      // An endpoint of a tenant that hangs has a share of its own: it keeps no project waiting.
      const share = due.ownerId === due.tenantId ? due.endpointId : due.projectId
      const answer = await this.#http.within({ project: share, tenant: due.tenantId }, (fetch) =>
        fetch(due.url, { method: 'POST', headers, body: due.body }),
      )
      const text = (await answer.text()).slice(0, KEPT_CHARACTERS).replaceAll('\u0000', '').replaceAll(SECRETS, '[redacted]')
      // A redirect is not followed: it would carry the message to wherever it points.
      return { status: answer.status, error: answer.ok ? null : 'refused', response: text }
    } catch (error) {
      return { status: null, error: error instanceof OutboundError ? error.problem : 'failed', response: null }
    }
  }
}
