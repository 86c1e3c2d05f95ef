import { AuthError } from '@portico/kernel/auth-error'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { SessionDraft } from './session-draft.js'
import type { SessionGrant, SessionGrants } from './session-grant.js'
import { startSession } from './session.store.js'

/**
 * Writes the session and signs its first token. `null`: the account changed or was disabled since its password was checked.
 * Throws `session_limit_reached`.
 */
export async function startGrantedSession(
  db: ProjectDb,
  grants: SessionGrants,
  project: ProjectRecord,
  input: { userId: string; checkedHash: string | null; newHash: string | null; draft: SessionDraft },
): Promise<SessionGrant | null> {
  const started = await startSession(db, project, input)
  if (!('user' in started)) {
    if (started.outcome === 'session_limit') throw new AuthError('session_limit_reached')
    return null
  }
  const { draft } = input
  return grants.grant(project, { sessionId: draft.id, authTime: draft.startedAt, amr: draft.amr, user: started.user, refreshToken: draft.refreshToken })
}
