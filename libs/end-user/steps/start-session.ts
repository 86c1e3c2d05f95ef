import { AuthError } from '@portico/kernel/auth-error'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { methodOf, type SignInMethod } from './sign-in-attempts.js'
import { isPending, type SignInResult } from './sign-in-result.js'
import { MFA_TOKEN_SECONDS, type SessionDraft } from '../records/session-draft.js'
import { firstTokens, type TokenIssuer } from './token-issuer.js'
import { type StartOutcome, startSession } from '../records/session.store.js'

/**
 * The one gate: every way in ends here. Writes the session and signs its first token, or answers what second factor is missing.
 * The app is asked first, where it wants to be, before anything is held.
 * `null`: the account changed or was disabled since its first factor was checked. Throws `session_limit_reached`, and `sso_required`
 * where the person's company asks for its own identity provider.
 */
export async function startSessionWithTokens(
  db: ProjectDb,
  issuer: TokenIssuer,
  project: ProjectRecord,
  input: { userId: string; checkedHash: string | null; newHash: string | null; draft: SessionDraft; method?: SignInMethod | undefined },
): Promise<SignInResult | null> {
  const { userId, draft } = input
  await issuer.hooks.beforeSignIn(project, { userId }, draft.amr, draft.caller)
  const result = await signInResult(issuer, project, draft, await startSession(db, project, input))
  if (result !== null) {
    const { scope: { projectId } } = project
    const outcome = isPending(result) ? 'second_factor' : 'succeeded'
    const { connection, caller } = draft
    const method = input.method ?? methodOf(draft.amr)
    issuer.attempts.note({ projectId, method, outcome, userId, caller, ...(connection !== null && { connection }) })
  }
  return result
}

async function signInResult(
  issuer: TokenIssuer,
  project: ProjectRecord,
  draft: SessionDraft,
  started: StartOutcome,
): Promise<SignInResult | null> {
  switch (started.outcome) {
    case 'session_limit':
      throw new AuthError('session_limit_reached')
    case 'sso_required':
      throw new AuthError('sso_required')
    case 'stale':
      return null
    case 'ok':
      return issuer.issue(project, firstTokens(project, draft, started.user, started.newDevice))
    default:
      return {
        kind: started.outcome === 'mfa_required' ? 'verify' : 'enrol',
        mfaToken: draft.mfaToken,
        expiresInSeconds: MFA_TOKEN_SECONDS,
        factors: started.factors,
      }
  }
}
