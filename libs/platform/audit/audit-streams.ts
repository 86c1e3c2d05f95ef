import { auditStreamContext } from '@portico/crypto/seal-context'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { newWebhookSecret } from '@portico/crypto/webhook-secret'
import type { PlatformSql } from '@portico/database/platform-sql'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import { readHttpUrl } from '@portico/kernel/http-url'
import type { GuardedHttp } from '@portico/outbound/guarded-http'
import type { Caller } from '../caller.js'
import {
  findAuditStream,
  removeAuditStream,
  saveAuditStream,
  type AuditDestination,
  type AuditStream,
} from '../records/audit-stream.store.js'

export interface AuditStreamInput {
  kind: 'https' | 's3'
  url?: string | undefined
  endpoint?: string | undefined
  region?: string | undefined
  bucket?: string | undefined
  prefix?: string | undefined
  accessKeyId?: string | undefined
  secretAccessKey?: string | undefined
}

/** Where the audit log of a tenant and all its projects is streamed to: one place, none unless somebody sets one. */
export class AuditStreams {
  constructor(
    private readonly sql: PlatformSql,
    private readonly box: SealedBox,
    private readonly http: GuardedHttp,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  read({ tenantId }: Caller): Promise<AuditStream | null> {
    return findAuditStream(this.sql, tenantId)
  }

  /**
   * The same place goes on where it was, with another secret; another one begins with the first row. `secret` signs what an HTTPS endpoint
   * is sent; it is answered here and never again.
   */
  async set(caller: Caller, input: AuditStreamInput): Promise<{ stream: AuditStream; secret: string | null }> {
    const destination = await this.#read(input)
    const before = await findAuditStream(this.sql, caller.tenantId)
    const id = before && placeOf(before.destination) === placeOf(destination) ? before.id : this.entropy.uuid()
    const secret = destination.kind === 'https' ? newWebhookSecret(this.entropy) : null
    const secretSealed = this.box.seal(secret ?? needed('secretAccessKey', input.secretAccessKey), auditStreamContext(caller.tenantId, id))
    await saveAuditStream(this.sql, caller, { id, destination, secretSealed }, this.clock.now())
    const stream = await this.read(caller)
    if (!stream) throw new AuthError('conflict')
    return { stream, secret }
  }

  async remove(caller: Caller): Promise<void> {
    if (!(await removeAuditStream(this.sql, caller, this.clock.now()))) throw new AuthError('not_found')
  }

  async #read(input: AuditStreamInput): Promise<AuditDestination> {
    if (input.kind === 'https') return { kind: 'https', url: await this.#url('url', needed('url', input.url)) }
    return {
      kind: 's3',
      endpoint: (await this.#url('endpoint', needed('endpoint', input.endpoint))).replace(/\/+$/, ''),
      region: needed('region', input.region),
      bucket: needed('bucket', input.bucket),
      prefix: input.prefix ?? '',
      accessKeyId: needed('accessKeyId', input.accessKeyId),
    }
  }

  async #url(field: string, text: string): Promise<string> {
    const url = readHttpUrl(text)
    if (!url || (url.protocol === 'http:' && !this.http.allowLoopback)) throw invalidField(field, 'invalid_url', 'This must be an https URL.')
    if (await this.http.isInner(url)) throw invalidField(field, 'not_allowed', 'This address is not reachable from outside.')
    return url.href
  }
}

function needed(field: string, value: string | undefined): string {
  if (value === undefined) throw invalidField(field, 'required', 'This kind of destination needs it.')
  return value
}

function placeOf(destination: AuditDestination): string {
  return JSON.stringify(
    destination.kind === 'https' ? [destination.url] : [destination.endpoint, destination.bucket, destination.prefix],
  )
}
