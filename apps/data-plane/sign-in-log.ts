import type { AttemptedAddresses } from '@portico/config/observability-config'
import { hmacSha256, hmacSha256Text } from '@portico/crypto/hmac'
import type { SignInAttempt, SignInAttempts } from '@portico/end-user/steps/sign-in-attempts'
import type { Metrics } from '@portico/http/metrics'
import type { Logger } from '@portico/http/request-log'
import { tracing } from '@portico/kernel/tracing'

/** Enough to tell one address from another, and short in a log. */
const DIGEST_LENGTH = 22

/**
 * Every attempt to sign in as one line of the log, one event of its trace, and one count. Who failed is said as the installation chose:
 * by default as a digest under a key of its own, so that attempts on one account or from one client are seen to belong together and a log
 * that gets into other hands names nobody.
 */
export class SignInLog implements SignInAttempts {
  readonly #key: Buffer
  #count: { inc(labels: { method: string; outcome: string }): void } | null = null

  constructor(
    private readonly logger: Logger,
    masterKey: Buffer,
    private readonly addresses: AttemptedAddresses,
  ) {
    this.#key = hmacSha256(masterKey, 'portico/attempted-address')
  }

  /** From here on attempts are counted, too. */
  meter(metrics: Metrics): void {
    this.#count = metrics.counter('portico_sign_ins_total', 'Attempts to sign in, by what was tried and what became of it.', [
      'method',
      'outcome',
    ])
  }

  note = (attempt: SignInAttempt): void => {
    const { method, outcome, reason } = attempt
    this.#count?.inc({ method, outcome })
    tracing()?.note('sign_in', { method, outcome, ...(reason !== undefined && { reason }) })
    const { projectId, userId, connection, caller } = attempt
    const line = { project_id: projectId, request_id: caller.requestId, method, outcome, reason, user_id: userId, connection }
    this.logger.info(outcome === 'refused' ? { ...line, ...this.#who(attempt) } : line, 'sign_in')
  }

  keptOf(projectId: string, address: string): Readonly<Record<string, string>> {
    if (this.addresses === 'none') return {}
    return this.addresses === 'plain' ? { address } : { addressDigest: this.#digest(projectId, address) }
  }

  #who({ projectId, address, caller: { ip } }: SignInAttempt): Record<string, string> {
    if (this.addresses === 'none') return {}
    if (this.addresses === 'plain') return { ...(address !== undefined && { address }), ...(ip !== null && { client_address: ip }) }
    return {
      ...(address !== undefined && { address_digest: this.#digest(projectId, address) }),
      // The same in every project: one client that tries many is one.
      ...(ip !== null && { client_digest: this.#digest('client', ip) }),
    }
  }

  #digest(scope: string, text: string): string {
    return hmacSha256Text(this.#key, `${scope} ${text}`).slice(0, DIGEST_LENGTH)
  }
}
