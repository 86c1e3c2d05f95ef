import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { Caller } from '../../caller.js'

interface Refusal {
  provider: string
  /** The code that the app, or the caller, is told. */
  reason: string
  cause: unknown
}

/** A sign-in with a provider that came to nothing, for the operator: what the app is told, and what was behind it. */
export async function recordRefusal(db: ProjectDb, project: ProjectRecord, { provider, reason, cause }: Refusal, caller: Caller, now: Date): Promise<void> {
  const problem = cause instanceof OAuthProblem ? { problem: cause.kind, detail: cause.detail } : {}
  const event = { action: 'sign_in.refused', actor: { type: 'anonymous' as const, id: null }, resource: 'provider', resourceId: provider, ...caller }
  await db.transaction(project.scope, (tx) => recordAudit(tx, { ...event, metadata: { reason, ...problem } }, now))
}
