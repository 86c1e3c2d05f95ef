import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { noteMailLimited, readMailReputation } from '@portico/end-user/records/mail-reputation.store'
import { mailShare } from '@portico/end-user/steps/mail/mail-share'
import type { Clock } from '@portico/kernel/clock'

/** How long what became of a project's mails counts without being looked up again. */
const KNOWN_MS = 30_000
const MOST_KNOWN = 2_000

/** What share of its budget each project has at the sender that all share, by what became of its own mails. */
export class KnownMailShares {
  readonly #known = new Map<string, { at: number; share: Promise<number> }>()

  constructor(
    /** On connections of its own: a round of mails holds one while it asks. */
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly onProblem: (error: unknown) => void,
    private readonly knownMs = KNOWN_MS,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  of(scope: ProjectScope): Promise<number> {
    const now = this.monotonicMs()
    const known = this.#known.get(scope.projectId)
    if (known && now - known.at < this.knownMs) return known.share
    const share = this.#read(scope)
    share.catch(() => this.#known.delete(scope.projectId))
    // In the order of the last reading: those in front are the oldest.
    this.#known.delete(scope.projectId)
    this.#known.set(scope.projectId, { at: now, share })
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
    return share
  }

  async #read(scope: ProjectScope): Promise<number> {
    const now = this.clock.now()
    const reputation = await readMailReputation(this.db, scope, now)
    const share = mailShare(reputation)
    // Mails do not wait for the word about them.
    if (share < 1) await noteMailLimited(this.db, scope, reputation, now).catch(this.onProblem)
    return share
  }
}
