import type { ProjectScope } from '@portico/database/project-scope'
import type { MailEnd } from '@portico/end-user/records/outbox-row.store'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAway } from './is-away.js'
import { Slots } from './slots.js'

// How long an end waits for others of its project. A worker killed within it sends these mails again, and the provider drops them by their
// key.
const GATHER_MS = 10
const WRITES_AT_ONCE = 4
// Within a lease, and within the time that a stop allows.
const AGAIN_AFTER_MS = [250, 1_000, 3_000]

interface Gathered {
  ends: MailEnd[]
  written: Promise<void>
}

/** Records what became of mails, those of one project that end within a moment in one statement. */
export class MailEnds {
  readonly #gathering = new Map<string, Gathered>()
  readonly #writes = new Slots(WRITES_AT_ONCE)

  /** `onRefused`: this end could not be written, though the database answers; its row comes up again. */
  constructor(
    private readonly write: (scope: ProjectScope, ends: readonly MailEnd[]) => Promise<void>,
    private readonly onRefused: (end: MailEnd, error: unknown) => void,
  ) {}

  /** Resolves when it is on disk; rejects when the database is away. */
  record(scope: ProjectScope, end: MailEnd): Promise<void> {
    const open = this.#gathering.get(scope.projectId)
    if (open) {
      open.ends.push(end)
      return open.written
    }
    const ends = [end]
    const written = this.#write(scope, ends)
    this.#gathering.set(scope.projectId, { ends, written })
    return written
  }

  async #write(scope: ProjectScope, ends: MailEnd[]): Promise<void> {
    await sleep(GATHER_MS)
    await this.#writes.run(async () => {
      this.#gathering.delete(scope.projectId)
      try {
        await this.#persist(scope, ends)
      } catch (error) {
        if (ends.length === 1 || isAway(error)) throw error
        // One that the database refuses must not take its neighbours with it.
        for (const end of ends) await this.#persist(scope, [end]).catch((refused: unknown) => this.onRefused(end, refused))
      }
    })
  }
  /** A mail has gone out: unless that is recorded, it goes out again when its lease is over. So a short absence is waited for. */
  async #persist(scope: ProjectScope, ends: readonly MailEnd[]): Promise<void> {
    for (const pause of AGAIN_AFTER_MS) {
      try {
        return await this.write(scope, ends)
      } catch (error) {
        if (!isAway(error)) throw error
        await sleep(pause)
      }
    }
    await this.write(scope, ends)
  }
}
