import type { ProjectTx } from '@portico/database/project-db'
import { ScimProblem } from '@portico/scim/scim-problem'
import { countDirectoryGroups } from '../records/directory-group.store.js'
import { countDirectoryUsers } from '../records/directory-user.store.js'

export const MAX_USERS = 200_000
export const MAX_GROUPS = 20_000
const COUNTED_FOR_MS = 60_000
const MAX_KNOWN = 1_000

/**
 * How large a directory may grow. Counting ten thousand people for each one more would cost more than adding them: the count is kept for a
 * minute and goes up with what this process adds.
 */
export class DirectorySizes {
  readonly #known = new Map<string, { count: number; readAt: number }>()

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  admitUser(tx: ProjectTx, directoryId: string): Promise<void> {
    return this.#admit(`user ${directoryId}`, MAX_USERS, () => countDirectoryUsers(tx, directoryId))
  }

  admitGroup(tx: ProjectTx, directoryId: string): Promise<void> {
    return this.#admit(`group ${directoryId}`, MAX_GROUPS, () => countDirectoryGroups(tx, directoryId))
  }

  async #admit(key: string, most: number, count: () => Promise<number>): Promise<void> {
    const known = this.#known.get(key)
    const fresh = known && this.monotonicMs() - known.readAt < COUNTED_FOR_MS ? known : { count: await count(), readAt: this.monotonicMs() }
    if (fresh.count >= most) throw new ScimProblem(403, null, `A directory has at most ${most} of these.`)
    this.#known.delete(key)
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(key, { ...fresh, count: fresh.count + 1 })
  }
}
