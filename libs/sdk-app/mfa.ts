import type { AuthClient } from './auth-client.js'
import { sendFor } from './enrolment-call.js'
import type { components } from './generated.js'
import type { Session, SessionAnswer } from './session.js'

export type Factor = components['schemas']['Factor']
export type StartedFactor = components['schemas']['StartedFactor']
export type FactorChallenge = components['schemas']['FactorChallenge']

/**
 * For changing what protects an account: a code of a factor the user has; for a user without one, the password. Neither within ten minutes
 * of the last proof.
 */
export interface FreshProof {
  code?: string
  password?: string
}

export interface ActivatedFactor {
  session: Session
  factor: Factor
  /** With the first factor: ten codes, each good once in place of a factor. Shown only now. */
  recoveryCodes: string[] | null
}

export interface Mfa {
  /**
   * The second half of a sign-in that answered `mfaRequired`. A wrong code (`invalid_code`) leaves the `mfaToken` good. Recovery codes work
   * too.
   */
  verify(input: { mfaToken: string; code: string; factorId?: string }): Promise<Session>
  /**
   * Adds an authenticator app: show `qrCode` (an SVG) or `secret`. It counts once it is activated. `mfaToken` is that of a sign-in that
   * answered `mfaEnrolmentRequired`. Throws `mfa_not_enabled`, `second_factor_required`, `reauthentication_required`.
   */
  enrolTotp(input?: FreshProof & { friendlyName?: string; mfaToken?: string }): Promise<StartedFactor>
  /** With a first code of the app. Raises the session, or starts the one that the `mfaToken` was waiting for. */
  activate(input: { factorId: string; code: string; mfaToken?: string }): Promise<ActivatedFactor>
  /** Authenticator apps and passkeys, and how many recovery codes are left. */
  list(): Promise<{ factors: Factor[]; recoveryCodesLeft: number }>
  /** Throws `second_factor_required`, `last_way_in`. */
  remove(factorId: string, proof?: FreshProof): Promise<void>
  /** Ten new ones; the old ones stop working. */
  replaceRecoveryCodes(proof?: FreshProof): Promise<string[]>
  /** Whether this session lacks a second factor no older than `maxAge` seconds, and what may be offered for it. */
  challenge(input?: { maxAge?: number }): Promise<FactorChallenge>
  /** Proves a second factor in the session that is going on; its new access token says `acr: aal2`. */
  stepUp(input: { code: string; factorId?: string }): Promise<Session>
}

/** Second factors: authenticator apps, recovery codes, and asking for a fresh one. Passkeys have a module of their own. */
export function mfa({ core }: AuthClient): Mfa {
  /** As the signed-in user, or as the one whose sign-in waits for its second factor. */
  const send = <T>(path: string, body: { mfaToken?: string }) => sendFor<T>(core, body.mfaToken, path, body)
  return {
    verify: async (input) => core.startSession(await core.send<SessionAnswer>({ method: 'POST', path: '/mfa/verify', body: input })),
    enrolTotp: (input = {}) => send('/factors', { type: 'totp', ...input } as { mfaToken?: string }),
    async activate({ factorId, ...body }) {
      const answer = await send<components['schemas']['ActivatedFactor']>(`/factors/${encodeURIComponent(factorId)}/verify`, body)
      const session = await (body.mfaToken === undefined ? core.raiseSession(answer) : core.startSession(answer))
      return { session, factor: answer.factor, recoveryCodes: answer.recoveryCodes ?? null }
    },
    async list() {
      const { data, recoveryCodesLeft } = await core.sendAuthorized<components['schemas']['FactorList']>({
        method: 'GET',
        path: '/factors',
      })
      return { factors: data, recoveryCodesLeft }
    },
    async remove(factorId, proof = {}) {
      await core.sendAuthorized({ method: 'DELETE', path: `/factors/${encodeURIComponent(factorId)}`, body: proof })
    },
    replaceRecoveryCodes: async (proof = {}) =>
      (await core.sendAuthorized<{ recoveryCodes: string[] }>({ method: 'POST', path: '/factors/recovery-codes', body: proof }))
        .recoveryCodes,
    challenge: (input = {}) => core.sendAuthorized({ method: 'POST', path: '/mfa/challenge', body: input }),
    stepUp: async (input) =>
      core.raiseSession(await core.sendAuthorized<SessionAnswer>({ method: 'POST', path: '/mfa/challenge', body: input })),
  }
}
