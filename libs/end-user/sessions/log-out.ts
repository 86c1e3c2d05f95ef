import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { readRefreshToken } from '@portico/tokens/refresh-token'
import { byUser, type Caller } from '../caller.js'
import type { ProjectKeys } from '../project/project-keys.js'
import { findSessionOwner, lockUsableSession } from '../records/session-search.store.js'
import { endSession } from '../records/session.store.js'
import type { Authenticate } from '../steps/authenticate.js'
import { endEverySession } from '../steps/end-every-session.js'

export type LogOutScope = 'local' | 'global' | 'others'

export interface LogOutInput {
  accessToken: string | null
  refreshToken: string | null
  scope: LogOutScope
}

/** A token that was made here and names a session, whether that one still lives or not. */
interface Credential {
  sessionId: string
  /** Of an access token; a refresh token does not say. */
  userId: string | null
  /** Of a refresh token. */
  generation: number | null
}

/**
 * Ends this session, all of the user's, or all others. The access token says which session, or, once that token is of no use, the refresh
 * token. Logging out of a session that is already over succeeds, so that a client can always clear its state. More than one session ends
 * only for a credential that still opens something: not for a consumed refresh token, nor for one of an idle session.
 */
export class LogOut {
  constructor(
    private readonly db: ProjectDb,
    private readonly authenticate: Authenticate,
    private readonly keys: ProjectKeys,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, { accessToken, refreshToken, scope }: LogOutInput, caller: Caller): Promise<void> {
    if (accessToken === null && refreshToken === null) throw new AuthError('unauthenticated')
    const credentials = [
      accessToken && (await this.#ofAccessToken(project, accessToken)),
      refreshToken && this.#ofRefreshToken(project, refreshToken),
    ]
    const good = credentials.filter((credential): credential is Credential => typeof credential === 'object' && credential !== null)
    if (good.length === 0) throw new AuthError('invalid_token')
    const now = this.clock.now()
    await this.db.transaction(project.scope, async (tx) => {
      const ended = scope === 'local' ? await endFirst(tx, good, now) : await endMany(tx, project, good, scope, now, caller)
      if (!ended || ended.count === 0) return
      await recordAudit(
        tx,
        {
          action: 'session.ended',
          ...byUser(ended.userId, caller), resource: 'session', resourceId: ended.sessionId,
          metadata: { reason: 'logout', scope, sessionsEnded: ended.count },
        },
        now,
      )
    })
  }

  async #ofAccessToken(project: ProjectRecord, token: string): Promise<Credential | null> {
    try {
      const { sessionId, userId } = await this.authenticate.check(project, token)
      return { sessionId, userId, generation: null }
    } catch (error) {
      if (error instanceof AuthError && error.code === 'invalid_token') return null
      throw error
    }
  }

  #ofRefreshToken(project: ProjectRecord, token: string): Credential | null {
    const read = readRefreshToken(this.keys.refreshKey(project), token)
    return read && { ...read, userId: null }
  }
}

interface Ended {
  sessionId: string
  userId: string
  count: number
}

async function endFirst(tx: ProjectTx, credentials: Credential[], now: Date): Promise<Ended | null> {
  for (const credential of credentials) {
    const { sessionId } = credential
    const userId = credential.userId ?? (await findSessionOwner(tx, sessionId))
    if (userId !== null && (await endSession(tx, { sessionId, userId, reason: 'logout', now }))) return { sessionId, userId, count: 1 }
  }
  return null
}

async function endMany(
  tx: ProjectTx,
  project: ProjectRecord,
  credentials: Credential[],
  scope: 'global' | 'others',
  now: Date,
  caller: Caller,
): Promise<Ended> {
  for (const credential of credentials) {
    const { sessionId } = credential
    const userId = await lockUsableSession(tx, project, { ...credential, now, caller })
    if (userId === null) continue
    const { sessions } = await endEverySession(tx, { userId, except: scope === 'others' ? sessionId : null, reason: 'logout', now })
    return { sessionId, userId, count: sessions }
  }
  throw new AuthError('session_ended')
}
