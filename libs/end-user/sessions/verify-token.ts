import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, toNumericDate } from '@portico/kernel/duration'
import { readFactorTime } from '../records/session-search.store.js'
import { findLiveSession } from '../records/session.store.js'
import { NO_SESSION, type Authenticate } from '../steps/authenticate.js'
import type { ChangedUsers, VerifiedUser } from '../steps/changed-users.js'
import { claimedOrganization } from '../steps/organization-claims.js'
import type { CheckedToken } from '../steps/recent-tokens.js'

/** A good token, and its user as of now; the claims say what was true when it was issued. */
export interface VerifiedToken {
  checked: CheckedToken
  user: VerifiedUser
}

/** Whether an access token is good and its session and user still live. Everything wrong is one answer: `invalid_token`. */
export class VerifyToken {
  constructor(
    private readonly authenticate: Authenticate,
    private readonly changes: ChangedUsers,
    /** Whether changes elsewhere are being heard; without that every call asks the database. */
    private readonly heard: () => boolean,
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** With `maxAgeSeconds` also whether the session saw a second factor no longer ago; throws `second_factor_required`. */
  async execute(project: ProjectRecord, token: string | null, maxAgeSeconds: number | null = null): Promise<VerifiedToken> {
    if (token === null) throw new AuthError('invalid_token')
    const checked = await this.authenticate.check(project, token)
    const known = this.#known(checked)
    const user = known === undefined ? await this.#ask(checked) : known
    if (!user) throw new AuthError('invalid_token')
    if (maxAgeSeconds !== null) {
      const provenAt = await readFactorTime(this.db, project.scope, checked.sessionId)
      if (provenAt === null || provenAt < addSeconds(this.clock.now(), -maxAgeSeconds)) throw new AuthError('second_factor_required')
    }
    return { checked, user }
  }

  /** What needs no question: `null` for somebody who is known to be signed out, `undefined` when the database has to be asked. */
  #known(checked: CheckedToken): VerifiedUser | null | undefined {
    if (checked.sessionId === NO_SESSION) return null
    if (!this.heard() || this.#mayBeIdle(checked)) return undefined
    const found = this.changes.find(checked)
    if (found !== 'unchanged') return found
    const { email, email_verified: emailVerified } = checked.claims
    return { email, emailVerified, organization: claimedOrganization(checked.claims) }
  }

  /** A session was in use when the token was issued; only the database knows whether it was used since. */
  #mayBeIdle({ project, claims }: CheckedToken): boolean {
    return toNumericDate(this.clock.now()) - claims.iat >= project.settings.session_idle_seconds
  }

  async #ask(checked: CheckedToken): Promise<VerifiedUser | null> {
    const ask = async () => {
      const { project, sessionId, userId, claims } = checked
      const session = await findLiveSession(this.db, project, sessionId, this.clock.now(), claims.org_id ?? null)
      if (session?.user.id !== userId) return null
      const { user, organization } = session
      return { email: user.email, emailVerified: user.emailVerifiedAt !== null, organization }
    }
    return this.heard() && !this.#mayBeIdle(checked) ? this.changes.read(checked, ask) : ask()
  }
}
