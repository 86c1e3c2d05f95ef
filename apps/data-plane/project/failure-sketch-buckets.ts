import { hmacSha256 } from '@portico/crypto/hmac'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { FailureSketch } from '@portico/end-user/abuse/suspected-sources'
import { addressForLimits } from '@portico/http/client-address'
import { DAY_SECONDS, MINUTE_SECONDS } from '@portico/kernel/duration'
import { isOutsideAddress } from '@portico/outbound/outside-address'
import { SKETCH_PLACES } from '@portico/rate-limit/counter-store'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'

/** Outside every project: counts are of the whole installation. */
const INSTALLATION = 'installation'
const SKETCH = { name: 'failed_at', windowSeconds: DAY_SECONDS }
/** An account that was waited for may be tried for so long. */
const WAITED = { name: 'suspected_wait', points: 1_000_000, windowSeconds: 15 * MINUTE_SECONDS }

/**
 * A sketch of 30 places for each source and day: which place is a project's follows from a keyed digest that is another every day, so that
 * nobody reads from it where somebody failed, nor follows a source from one day to the next. Linear counting: with half of the places
 * marked, about twenty projects.
 */
export class FailureSketchBuckets implements FailureSketch {
  constructor(
    private readonly limits: RateLimits,
    private readonly key: Buffer,
  ) {}

  sourceOf(clientAddress: string | null): string | null {
    // An inner address is a proxy that nobody told us of, or a gateway: it stands for everybody.
    return clientAddress !== null && isOutsideAddress(clientAddress, false) ? addressForLimits(clientAddress) : null
  }

  async note(day: string, source: string, projectId: string): Promise<number | null> {
    const place = hmacSha256(this.key, `${day} ${projectId}`).readUInt32BE() % SKETCH_PLACES
    const marked = await this.limits.mark(INSTALLATION, SKETCH, `${day} ${source}`, place)
    return marked && estimate(marked)
  }

  async wait(project: ProjectRecord, source: string, address: string, seconds: number): Promise<number> {
    const { resetSeconds } = await this.limits.consume(project.scope.projectId, WAITED, `${source} ${address}`)
    return Math.max(0, seconds - (WAITED.windowSeconds - resetSeconds))
  }
}

/** Whang, Vander-Zanden and Taylor, «A linear-time probabilistic counting algorithm» (1990). */
function estimate(marked: number): number {
  return marked >= SKETCH_PLACES ? Infinity : Math.round(-SKETCH_PLACES * Math.log(1 - marked / SKETCH_PLACES))
}
