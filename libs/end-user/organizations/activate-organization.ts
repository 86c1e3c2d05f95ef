import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { isUuid } from '@portico/kernel/ids'
import { findActiveOrganization, setSessionOrganization } from '../records/organization.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import type { IssuedSession, TokenIssuer } from '../steps/token-issuer.js'
import { requireOrganizations } from './organization-actor.js'

/** Which organization the person works for in this session. Answers the access token that says so; the refresh token stays. */
export class ActivateOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly issuer: TokenIssuer,
  ) {}

  /** `null` works for none. Throws `not_found` unless the person belongs to it. */
  async execute(project: ProjectRecord, session: AuthenticatedSession, organizationId: string | null): Promise<IssuedSession> {
    if (organizationId !== null) requireOrganizations(project)
    const organization = await this.db.transaction(project.scope, async (tx) => {
      const active =
        organizationId !== null && isUuid(organizationId) ? await findActiveOrganization(tx, session.user.id, organizationId) : null
      if (organizationId !== null && !active) throw new AuthError('not_found')
      if (!(await setSessionOrganization(tx, session.id, active?.id ?? null))) throw new AuthError('session_ended')
      return active
    })
    const { id: sessionId, user, expiresAt, amr, authTime } = session
    return this.issuer.issue(project, { sessionId, user, expiresAt, amr, authTime, generation: null, organization })
  }
}
