import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { AuthenticatedSession } from '../session/authenticate.js'
import { listFactors, type ListedFactor } from './factor.store.js'
import { countRecoveryCodes } from './recovery-codes.js'

/** The user's second factors, passkeys among them. */
export class ListFactors {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, session: AuthenticatedSession) {
    const [data, recoveryCodesLeft] = await Promise.all([this.factors(project, session), countRecoveryCodes(this.db, project.scope, session.user.id)])
    return { data, recovery_codes_left: recoveryCodesLeft }
  }

  async factors(project: ProjectRecord, session: AuthenticatedSession) {
    return (await listFactors(this.db, project.scope, session.user.id)).map(factorAnswer)
  }
}

export function factorAnswer(factor: ListedFactor) {
  return {
    id: factor.id,
    type: factor.type,
    friendly_name: factor.friendlyName,
    status: factor.active ? ('active' as const) : ('unverified' as const),
    created_at: factor.createdAt.toISOString(),
    last_used_at: factor.lastUsedAt?.toISOString() ?? null,
  }
}
