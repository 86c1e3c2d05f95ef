import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { listSealed, replaceSealed, SEALED_COLUMNS } from '../records/sealed-column.store.js'

/**
 * Seals again, under the current master key, whatever one project still has sealed under the previous one. Safe to stop at any moment
 * and to run again or twice at once: a value that is already current is passed over, and a value that changed meanwhile is left alone.
 * Returns how many values were sealed again. Throws `SealedBoxError` when a value opens with neither key.
 */
export class ResealProject {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
  ) {}

  async execute(scope: ProjectScope): Promise<number> {
    let resealed = 0
    for (const column of SEALED_COLUMNS) {
      for (const value of await listSealed(this.db, scope, column)) {
        if (!this.box.needsReseal(value.sealed)) continue
        const fresh = this.box.reseal(value.sealed, column.context(scope.projectId, value.key))
        if (await replaceSealed(this.db, scope, column, value, fresh)) resealed += 1
      }
    }
    return resealed
  }
}
