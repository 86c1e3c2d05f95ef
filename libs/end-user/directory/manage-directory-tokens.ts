import { digestToken } from '@portico/crypto/token-digest'
import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError, invalidField } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { Administrator } from '../administration/administrator.js'
import { listDirectoryEvents, type DirectoryEvent } from '../records/directory-event.store.js'
import {
  countLiveDirectoryTokens,
  deleteDirectoryToken,
  insertDirectoryToken,
  listDirectoryTokens,
  type DirectoryToken,
} from '../records/directory-token.store.js'
import { findDirectory, lockDirectory } from '../records/directory.store.js'

// One that is in use and the next one, so that a change is no outage.
export const MAX_TOKENS = 2
const TOKEN_BYTES = 32
const SHOWN_CHARACTERS = 12

/** The keys of identity providers, and what was done with them. */
export class ManageDirectoryTokens {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly entropy: Entropy,
  ) {}

  async list(project: ProjectRecord, directoryId: string): Promise<DirectoryToken[]> {
    await this.#require(project, directoryId)
    return listDirectoryTokens(this.db, project.scope, directoryId)
  }

  /** The token itself is answered here and never again; only its digest is kept. Throws `conflict` when two are live. */
  async create(
    project: ProjectRecord,
    by: Administrator,
    directoryId: string,
    expiresAt: Date | null,
  ): Promise<{ row: DirectoryToken; token: string }> {
    const now = this.clock.now()
    if (expiresAt && expiresAt <= now) throw invalidField('expiresAt', 'in_the_past', 'This must be in the future.')
    const token = `scim_${this.entropy.bytes(TOKEN_BYTES).toString('base64url')}`
    return this.db.transaction(project.scope, async (tx) => {
      if (!(await lockDirectory(tx, directoryId))) throw new AuthError('not_found')
      if ((await countLiveDirectoryTokens(tx, directoryId, now)) >= MAX_TOKENS) {
        throw new AuthError('conflict', { message: `A directory has at most ${MAX_TOKENS} tokens. Remove one first.` })
      }
      const row = await insertDirectoryToken(tx, {
        id: this.entropy.uuid(), directoryId, digest: digestToken(token), prefix: token.slice(0, SHOWN_CHARACTERS), expiresAt, now,
      })
      const audit = { resource: 'directory' as const, resourceId: directoryId, metadata: { tokenId: row.id } }
      await recordAudit(tx, { ...by, action: 'directory.token_created', ...audit }, now)
      return { row, token }
    })
  }

  /** Counts within a second, everywhere. */
  async remove(project: ProjectRecord, by: Administrator, directoryId: string, id: string): Promise<void> {
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      if (!(await deleteDirectoryToken(tx, directoryId, id))) throw new AuthError('not_found')
      const audit = { resource: 'directory' as const, resourceId: directoryId, metadata: { tokenId: id } }
      await recordAudit(tx, { ...by, action: 'directory.token_removed', ...audit }, now)
    })
  }

  async log(
    project: ProjectRecord,
    directoryId: string,
    page: { refused: boolean; limit: number; after: { at: Date; id: string } | null; offset: number },
  ): Promise<DirectoryEvent[]> {
    await this.#require(project, directoryId)
    return listDirectoryEvents(this.db, project.scope, { ...page, directoryId })
  }

  async #require(project: ProjectRecord, directoryId: string): Promise<void> {
    if (!(await this.db.transaction(project.scope, (tx) => findDirectory(tx, directoryId)))) throw new AuthError('not_found')
  }
}
