import type { OfferedFactor } from '../records/factors.view.js'
import type { WaitingFor } from '../records/pending-sign-in.store.js'
import type { SessionGrant } from './session-grant.js'

/** The first factor was right, but there is no session yet. */
export interface PendingSignIn {
  kind: WaitingFor
  mfaToken: string
  expiresInSeconds: number
  factors: OfferedFactor[]
}

/** What every way in ends with. */
export type SignInResult = SessionGrant | PendingSignIn

export function isPending(result: SignInResult): result is PendingSignIn {
  return 'mfaToken' in result
}

export function pendingAnswer(pending: PendingSignIn) {
  const token = { mfa_token: pending.mfaToken, expires_in: pending.expiresInSeconds }
  if (pending.kind === 'enrol') return { mfa_enrolment_required: true as const, ...token }
  return { mfa_required: true as const, ...token, factors: pending.factors.map(({ id, type, friendlyName }) => ({ id, type, friendly_name: friendlyName })) }
}
