import { auditStreamContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { signV4 } from '@portico/crypto/sigv4'
import { webhookSignature } from '@portico/crypto/webhook-secret'
import type { Clock } from '@portico/kernel/clock'
import { toNumericDate } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OutboundError } from '@portico/outbound/outbound-error'
import type { AuditLogRef } from '@portico/tokens/audit-signer'
import type { AuditDestination, DueAuditStream } from '../records/audit-stream.store.js'

export const DELIVERY_LIMIT_MS = 15_000
const ANSWER_LIMIT = 65_536
const TYPE = 'application/x-ndjson'
const SAID: Record<OutboundError['problem'], string> = {
  busy: 'too many calls are under way',
  not_allowed: 'its address is an inner one',
  too_large: 'it answered too much',
  too_slow: 'it took too long',
  unreachable: 'nobody answered',
}

export interface AuditPartText {
  log: AuditLogRef
  /** The row before the first one, and the last one. */
  after: number
  to: number
  /** Up to which row signed heads are in it. */
  signedTo: number
  text: string
}

/**
 * Sends one part of a log to where its tenant wants it. The same part has the same name: a repetition replaces it, or is known by its id.
 */
export class DeliverAuditPart {
  readonly #http: GuardedHttp

  constructor(
    private readonly box: SealedBox,
    private readonly clock: Clock,
    options: { allowLoopback: boolean },
  ) {
    const { allowLoopback } = options
    this.#http = new GuardedHttp({ allowLoopback, timeLimitMs: DELIVERY_LIMIT_MS, sizeLimit: ANSWER_LIMIT, maxPerProject: 4 })
  }

  /** What went wrong, in a few words; `null` when it arrived. */
  async execute({ tenantId, id, destination, secretSealed }: DueAuditStream, part: AuditPartText): Promise<string | null> {
    try {
      const secret = this.box.open(secretSealed, auditStreamContext(tenantId, id)).toString('utf8')
      const { url, ...request } =
        destination.kind === 'https' ? this.#post(destination, secret, part) : this.#put(destination, secret, part)
      // A share of its own: a destination that hangs keeps no project and no other tenant waiting.
      const answer = await this.#http.within({ project: id, tenant: tenantId }, (fetch) => fetch(url, { ...request, body: part.text }))
      return answer.ok ? null : `The destination answered ${answer.status}.`
    } catch (error) {
      return error instanceof OutboundError ? `The destination could not be reached: ${SAID[error.problem]}.` : 'The part could not be sent.'
    }
  }

  #post({ url }: Extract<AuditDestination, { kind: 'https' }>, secret: string, part: AuditPartText) {
    const now = this.clock.now()
    const id = `audit_${nameOf(part).replaceAll('/', '_')}`
    const seconds = toNumericDate(now)
    const headers = {
      'content-type': TYPE, accept: '*/*', 'user-agent': 'Portico-Audit/1', 'webhook-id': id, 'webhook-timestamp': String(seconds),
      'webhook-signature': webhookSignature({ current: secret, previous: null }, { id, seconds, body: part.text }, now),
    }
    return { url, method: 'POST', headers }
  }

  #put(to: Extract<AuditDestination, { kind: 's3' }>, secretAccessKey: string, part: AuditPartText) {
    const { endpoint, region, bucket, prefix, accessKeyId } = to
    const path = [bucket, ...`${prefix}${nameOf(part)}.ndjson`.split('/')].map(encodeURIComponent).join('/')
    const url = new URL(`${endpoint}/${path}`)
    const request = { method: 'PUT', url, body: part.text, headers: { 'content-type': TYPE } }
    const headers = signV4({ ...request, region, service: 's3', accessKeyId, secretAccessKey }, this.clock.now())
    return { url: url.href, method: 'PUT', headers }
  }
}

/** In the order of the rows when it is sorted as text. */
function nameOf({ log, after, to, signedTo }: AuditPartText): string {
  const padded = (seq: number) => String(seq).padStart(12, '0')
  const rows = after === to ? `${padded(to)}-signed-${padded(signedTo)}` : `${padded(after + 1)}-${padded(to)}`
  return `${formatId(log.kind, log.id)}/${rows}`
}
