import type { OfferedFactor } from '../records/factors.view.js'
import type { WaitingFor } from '../records/pending-sign-in.store.js'
import type { IssuedSession } from './token-issuer.js'

/** The first factor was right, but there is no session yet. */
export interface PendingSignIn {
  kind: WaitingFor
  mfaToken: string
  expiresInSeconds: number
  factors: OfferedFactor[]
}

/** After a password: what the device is to send with the next one, where that is something new (`abuse/device-token`). */
export interface DeviceShown {
  deviceToken?: string | undefined
}

/** What every way in ends with. */
export type SignInResult = (IssuedSession | PendingSignIn) & DeviceShown

export function isPending(result: SignInResult): result is PendingSignIn & DeviceShown {
  return 'mfaToken' in result
}
