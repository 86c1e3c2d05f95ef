import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Caller } from '../caller.js'
import { findPasswordHash, findSignUpChallenge } from '../records/end-user-search.store.js'
import type { AdmitPassword } from './admit-password.js'
import type { AuthenticatedSession } from './authenticate.js'
import { provesKey } from './proof-key.js'
import { shownBySession } from './prove-address.js'
import type { Kept } from './strip-account.js'

/** What somebody may send beside a mailed token or code, to show that the account is theirs too. */
export interface HolderProof {
  session: AuthenticatedSession | null
  password?: string | undefined
  /** Of the browser that signed up. */
  codeVerifier?: string | undefined
}

/** Looks at what comes beside a mailed proof: a live session of the account, its password, both, or nothing. */
export class CheckHolder {
  constructor(
    private readonly db: ProjectDb,
    private readonly hasher: PasswordHasher,
    private readonly admission: AdmitPassword,
  ) {}

  /** Empty when nothing was shown; a session of another account shows nothing. Throws `invalid_credentials` for a wrong password. */
  async execute(project: ProjectRecord, account: { userId: string; email: string }, given: HolderProof, caller: Caller): Promise<Kept> {
    const bySession: Kept = given.session?.user.id === account.userId ? shownBySession(given.session) : {}
    const shown: Kept = (await this.#signedUp(project, account.userId, given.codeVerifier)) ? { ...bySession, password: 'any' } : bySession
    if (given.password === undefined) return shown
    const hash = await this.#checkPassword(project, account, { password: given.password, sessionId: bySession.sessionId }, caller)
    return { ...shown, password: shown.password ?? hash }
  }

  /** A verifier of another sign-up shows nothing: a browser may keep an old one. */
  async #signedUp(project: ProjectRecord, userId: string, codeVerifier: string | undefined): Promise<boolean> {
    const challenge = codeVerifier === undefined ? null : await findSignUpChallenge(this.db, project, userId)
    return codeVerifier !== undefined && challenge !== null && provesKey(codeVerifier, challenge)
  }

  async #checkPassword(
    project: ProjectRecord,
    account: { userId: string; email: string },
    { password, sessionId }: { password: string; sessionId: string | undefined },
    caller: Caller,
  ): Promise<string> {
    const device = sessionId === undefined ? null : `session ${sessionId}`
    const attempt = await this.admission.execute(project, account.email, caller, device)
    const hash = await findPasswordHash(this.db, project, account.userId)
    const request = { projectId: project.scope.projectId, signal: caller.signal }
    if (hash === null) await this.hasher.verifyAgainstDummy(password, request)
    if (hash === null || !(await this.hasher.verify(hash, password, request)).ok) {
      await attempt.failed()
      throw new AuthError('invalid_credentials')
    }
    await attempt.succeeded()
    return hash
  }
}

export function showsSomething(shown: Kept): boolean {
  return shown.sessionId !== undefined || shown.password !== undefined
}
