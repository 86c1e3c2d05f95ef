import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { isUuid } from '@portico/kernel/ids'
import { byUser, type Caller } from '../caller.js'
import { lockEndUser } from '../records/end-user-search.store.js'
import { listInvitationsFor, takeInvitation, type OrganizationInvitation } from '../records/organization-invitation.store.js'
import type { AuthenticatedSession } from '../steps/authenticate.js'
import { joinOrganization } from '../steps/join-organization.js'
import { requireOrganizations } from './organization-actor.js'

/** What waits for the signed-in person: of their proven address only. */
export class ListOwnInvitations {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, { user }: Pick<AuthenticatedSession, 'user'>): Promise<OrganizationInvitation[]> {
    requireOrganizations(project)
    return user.emailVerifiedAt === null ? [] : listInvitationsFor(this.db, project.scope, user.email, this.clock.now())
  }
}

/** Accepts or declines one. Both spend it; twenty presses at once join once. */
export class AnswerOrganizationInvitation {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  /** Throws `email_not_confirmed`, or `not_found` for one that is spent, expired, revoked or of another address. */
  async execute(
    project: ProjectRecord,
    session: AuthenticatedSession,
    { id, accept }: { id: string; accept: boolean },
    caller: Caller,
  ): Promise<OrganizationInvitation> {
    requireOrganizations(project)
    const now = this.clock.now()
    return this.db.transaction(project.scope, async (tx) => {
      const user = await lockEndUser(tx, session.user.id)
      if (!user) throw new AuthError('session_ended')
      if (user.emailVerifiedAt === null) throw new AuthError('email_not_confirmed')
      if (!isUuid(id)) throw new AuthError('not_found')
      const spent = accept
        ? await joinOrganization(tx, user, id, { caller, now })
        : await takeInvitation(tx, { id, email: user.email, now })
      if (!spent) throw new AuthError('not_found')
      if (!accept) {
        const { organizationId: resourceId, role } = spent
        const about = { ...byUser(user.id, caller), resource: 'organization' as const, resourceId, metadata: { endUserId: user.id, role } }
        await recordAudit(tx, { ...about, action: 'organization.invitation_declined' }, now)
      }
      return spent
    })
  }
}
