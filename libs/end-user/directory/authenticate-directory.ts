import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Directory } from '../records/directory.js'
import { findDirectoryByToken } from '../records/directory-token.store.js'

export const DIRECTORY_TOKEN = /^scim_[A-Za-z0-9_-]{43}$/
// A revoked token is refused within one second, everywhere.
const MAX_AGE_MS = 900
const MAX_TOKENS = 1_000

interface Known {
  directory: Directory
  expiresAt: Date | null
  readAt: number
}

/** Which directory a token is for. Only tokens of the project that is called are looked for. */
export class AuthenticateDirectory {
  readonly #known = new Map<string, Known>()

  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  async execute(project: ProjectRecord, token: string): Promise<Directory | null> {
    if (!DIRECTORY_TOKEN.test(token)) return null
    const digest = digestToken(token)
    const key = `${project.scope.projectId} ${digest.toString('hex')}`
    const now = this.clock.now()
    const known = this.#known.get(key)
    if (known && this.monotonicMs() - known.readAt < MAX_AGE_MS && (known.expiresAt === null || known.expiresAt > now)) {
      return known.directory
    }
    this.#known.delete(key)
    const readAt = this.monotonicMs()
    const found = await findDirectoryByToken(this.db, project.scope, digest, now)
    if (!found) return null
    if (this.#known.size >= MAX_TOKENS) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(key, { ...found, readAt })
    return found.directory
  }
}
