import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectRecord } from '@portico/database/project-directory'
import { devicePrint } from '@portico/kernel/device-print'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import { opaqueToken, type Entropy } from '@portico/kernel/entropy'
import { outsideText } from '@portico/kernel/outside-text'
import { tracing } from '@portico/kernel/tracing'
import type { Caller } from '../caller.js'

/** A session that is about to be written. */
export interface SessionDraft {
  id: string
  /** What the client gets instead while a second factor is missing. */
  mfaToken: string
  startedAt: Date
  amr: string[]
  caller: Caller
  /** Of a session that an assertion of an identity provider began. */
  sso: SsoBeginning | null
  /** Which provider or single sign-on connection vouched; for the audit log. */
  connection: string | null
}

/** What an identity provider names a session by when it ends it: the NameID, digested, and the SessionIndex (SAML core, 3.7.1). */
export interface SsoBeginning {
  connectionId: string
  /** In hex. */
  nameDigest: string
  sessionIndex: string | null
}

/** The jsonb of it, in a session, a code, and a sign-in between its two factors. */
export function ssoRow(sso: SsoBeginning | null) {
  return sso && { connection_id: sso.connectionId, name_digest: sso.nameDigest, session_index: sso.sessionIndex }
}

/** The way back. */
export function readSsoRow(row: unknown): SsoBeginning | null {
  if (typeof row !== 'object' || row === null) return null
  const { connection_id: connectionId, name_digest: nameDigest, session_index: sessionIndex } = row as Record<string, string | null>
  return connectionId && nameDigest ? { connectionId, nameDigest, sessionIndex: sessionIndex ?? null } : null
}

const MAX_USER_AGENT = 512
export const MFA_TOKEN_SECONDS = 5 * MINUTE_SECONDS

export function draftSession(
  entropy: Entropy,
  now: Date,
  amr: string[],
  caller: Caller,
  { sso = null, connection = null }: { sso?: SsoBeginning | null; connection?: string | null } = {},
): SessionDraft {
  return { id: entropy.uuid(), mfaToken: opaqueToken(entropy), startedAt: now, amr, caller, sso, connection }
}

/** As a session remembers it, to show it to its owner and to tell one kind of client from another. */
export function storedUserAgent({ userAgent }: Caller): string | null {
  return outsideText(userAgent, MAX_USER_AGENT)
}

/** When the session ends, however much it is used; `null`: never. */
export function absoluteEnd({ settings }: ProjectRecord, { startedAt }: SessionDraft): Date | null {
  const { session_absolute_seconds: seconds } = settings
  return seconds === null ? null : addSeconds(startedAt, seconds)
}

/** Costs nothing where nobody wants to hear of new devices. */
function watchesDevices({ settings, hooks }: ProjectRecord): boolean {
  return settings.new_device_mail || hooks?.on_new_device !== undefined
}

/** The jsonb that `auth.insert_session` reads. */
export function sessionRow(project: ProjectRecord, draft: SessionDraft): string {
  const { settings } = project
  return JSON.stringify({
    id: draft.id,
    now: draft.startedAt,
    amr: draft.amr,
    sso: ssoRow(draft.sso),
    connection: draft.connection ?? undefined,
    ip: draft.caller.ip,
    user_agent: storedUserAgent(draft.caller),
    idle_seconds: settings.session_idle_seconds,
    absolute_seconds: settings.session_absolute_seconds,
    max_active_sessions: settings.max_active_sessions,
    limit_policy: settings.session_limit_policy,
    mfa: settings.mfa,
    pending_digest: digestToken(draft.mfaToken).toString('hex'),
    pending_seconds: MFA_TOKEN_SECONDS,
    traceparent: tracing()?.traceparent() ?? undefined,
    ...(watchesDevices(project) && { device_print: devicePrint(draft.caller), new_device_mail: settings.new_device_mail }),
  })
}
