import type { ProjectRecord } from '@portico/database/project-directory'
import { OAuthProblem } from '@portico/oauth/oauth-problem'
import type { Caller } from '../../caller.js'
import type { RefusedSignIns } from '../../steps/refused-sign-ins.js'

const KINDS = 16

interface Refusal {
  provider: string
  /** The code that the app, or the caller, is told. */
  reason: string
  cause: unknown
}

/** A sign-in with a provider that came to nothing, for the operator: what the app is told, and what was behind it. */
export function recordRefusal(
  refusals: RefusedSignIns,
  project: ProjectRecord,
  { provider, reason, cause }: Refusal,
  caller: Caller,
): Promise<void> {
  const problem = cause instanceof OAuthProblem ? { problem: cause.kind, detail: cause.detail } : {}
  const subject = `${provider} ${caller.ip ?? ''} ${reason} ${kindOf(problem)}`
  return refusals.record(project, { method: 'provider', reason, userId: null, subject, provider, problem }, caller)
}

/**
 * Rows are counted by what was wrong, so that five people who said no do not hide a wrong secret; in few kinds, since a flood writes its
 * details itself.
 */
function kindOf({ problem = '', detail = '' }: { problem?: string; detail?: string }): string {
  let sum = 0
  for (const letter of detail) sum = (sum * 31 + letter.codePointAt(0)!) % KINDS
  return `${problem} ${sum}`
}
