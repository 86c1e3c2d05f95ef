import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import { MINUTE_SECONDS } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { outsideText } from '@portico/kernel/outside-text'
import type { Caller } from '../caller.js'

/** A session that is about to be written, and the refresh token whose digest goes with it. */
export interface SessionDraft {
  id: string
  refreshToken: string
  /** What the client gets instead while a second factor is missing. */
  mfaToken: string
  startedAt: Date
  amr: string[]
  caller: Caller
}

const MAX_USER_AGENT = 512
export const MFA_TOKEN_SECONDS = 5 * MINUTE_SECONDS

export function draftSession(entropy: Entropy, now: Date, amr: string[], caller: Caller): SessionDraft {
  return { id: entropy.uuid(), refreshToken: opaqueToken(entropy), mfaToken: opaqueToken(entropy), startedAt: now, amr, caller }
}

/** The jsonb that `auth.insert_session` reads. */
export function sessionRow(project: ProjectRecord, draft: SessionDraft): string {
  const { settings } = project
  return JSON.stringify({
    id: draft.id,
    now: draft.startedAt,
    refresh_digest: digestToken(draft.refreshToken).toString('hex'),
    amr: draft.amr,
    ip: draft.caller.ip,
    user_agent: outsideText(draft.caller.userAgent, MAX_USER_AGENT),
    idle_seconds: settings.session_idle_seconds,
    absolute_seconds: settings.session_absolute_seconds,
    max_active_sessions: settings.max_active_sessions,
    limit_policy: settings.session_limit_policy,
    mfa: settings.mfa,
    pending_digest: digestToken(draft.mfaToken).toString('hex'),
    pending_seconds: MFA_TOKEN_SECONDS,
  })
}
