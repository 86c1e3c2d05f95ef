import type { ProjectRecord } from '@portico/database/project-directory'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { Caller } from '../../caller.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'

interface Refusal {
  provider: string
  /** The code that the app, or the caller, is told. */
  reason: string
  cause: unknown
}

/** A sign-in with a provider that came to nothing, for the operator: what the app is told, and what was behind it. */
export function recordRefusal(refusals: RefusedSignIns, project: ProjectRecord, { provider, reason, cause }: Refusal, caller: Caller): Promise<void> {
  const problem = cause instanceof OAuthProblem ? { problem: cause.kind, detail: cause.detail } : {}
  return refusals.record(project, { method: 'provider', reason, userId: null, subject: `${provider} ${caller.ip ?? ''}`, provider, problem }, caller)
}
