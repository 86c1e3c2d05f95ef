import { devicePrint } from '@portico/kernel/device-print'
import type { HookName } from '@portico/kernel/hooks'
import { formatId } from '@portico/kernel/ids'
import type { Caller } from '../../caller.js'
import type { EndUser } from '../../records/end-user.js'
import type { SignUpSubject } from './sign-up-approval.js'

/** `data` of what an app is asked: a wire of its own (docs/hooks.md). Holds no password, token or secret but what a mail is for. */
export type Question = Record<string, unknown>

export function signUpQuestion({ email, method, metadata }: SignUpSubject, caller: Caller): Question {
  return { email, method, metadata, ...from(caller) }
}

export function signInQuestion(email: string | null, user: EndUser | null, amr: readonly string[], caller: Caller): Question {
  return { email, amr, user: user && userData(user), ...from(caller) }
}

export type PasswordReason = 'changed' | 'reset' | 'invitation' | 'operator'

export function passwordQuestion(reason: PasswordReason, user: EndUser | null, caller: Caller): Question {
  return { reason, user: user && userData(user), ...from(caller) }
}

export function claimsQuestion(sessionId: string, user: EndUser, amr: readonly string[]): Question {
  return { session_id: sessionId, amr, user: userData(user) }
}

export function deviceQuestion(sessionId: string, user: EndUser, amr: readonly string[], caller: Caller): Question {
  return { session_id: sessionId, amr, user: userData(user), device: devicePrint(caller), ...from(caller) }
}

export interface HandedMail {
  id: string
  to: string
  subject: string
  text: string
  html: string
  fromName: string | null
  replyTo: string | null
  headers: Record<string, string>
}

export function mailQuestion({ id, to, subject, text, html, fromName, replyTo, headers }: HandedMail): Question {
  return { mail_id: id, to, subject, text, html, from_name: fromName, reply_to: replyTo, headers }
}

/** The very bytes that are signed: the envelope of a webhook. */
export function printQuestion(name: HookName, asked: { id: string; at: Date; projectId: string; data: Question }): string {
  const { id, at, projectId, data } = asked
  return JSON.stringify({ id, type: name, version: 1, timestamp: at.toISOString(), project_id: formatId('proj', projectId), data })
}

function userData(user: EndUser) {
  return {
    id: user.id,
    email: user.email === '' ? null : user.emailTyped,
    email_verified: user.emailVerifiedAt !== null,
    metadata: user.metadata,
    app_metadata: user.appMetadata,
    created_at: user.createdAt.toISOString(),
  }
}

function from({ ip, userAgent }: Caller) {
  return { ip, user_agent: userAgent }
}
