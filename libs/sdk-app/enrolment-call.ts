import type { AuthCore } from './auth-core.js'

/** One call as the signed-in user, or as the one whose sign-in waits for a second factor and who has the `mfaToken` for it. */
export function sendFor<T>(core: AuthCore, mfaToken: string | undefined, path: string, body: object): Promise<T> {
  return core[mfaToken === undefined ? 'sendAuthorized' : 'send']<T>({ method: 'POST', path, body })
}
