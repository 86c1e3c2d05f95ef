import { digestToken } from '@portico/crypto/token-digest'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { findActiveOrganization, findOrganizationId, setSessionOrganization } from '../records/organization.store.js'
import { setPendingOrganization } from '../records/pending-sign-in.store.js'
import { isPending, type SignInResult } from './sign-in-result.js'
import type { TokenIssuer } from './token-issuer.js'

/** A sign-in that says which organization the person works for. */
export class WorkForOrganization {
  constructor(
    private readonly db: ProjectDb,
    private readonly issuer: TokenIssuer,
  ) {}

  /**
   * The same session with a token that names the organization. One that the person does not belong to changes nothing: then the token names
   * none, and says no more about it than that. While a second factor is missing it is written down, and counts with that factor.
   */
  async execute(project: ProjectRecord, issued: SignInResult, idOrSlug: string): Promise<SignInResult> {
    if (project.settings.organizations === 'off') return issued
    const organization = await this.db.transaction(project.scope, async (tx) => {
      const id = await findOrganizationId(tx, idOrSlug)
      if (id === null) return null
      if (isPending(issued)) {
        // Whether they belong to it is asked at the end: nobody learns it with half of a sign-in.
        await setPendingOrganization(tx, { digest: digestToken(issued.mfaToken), organizationId: id })
        return null
      }
      const active = await findActiveOrganization(tx, issued.user.id, id)
      return active && (await setSessionOrganization(tx, issued.sessionId, active.id)) ? active : null
    })
    if (!organization || isPending(issued)) return issued
    const { sessionId, user, amr, authTime, sessionExpiresAt: expiresAt } = issued
    // The refresh token is the one of the first answer.
    const again = await this.issuer.issue(project, { sessionId, user, amr, authTime, expiresAt, generation: null, organization })
    return { ...again, refreshToken: issued.refreshToken }
  }
}
