import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import { endUserAnswer } from '../end-user.js'
import { findEndUser } from './administration.store.js'
import { factorAnswer } from '../factors/list-factors.js'
import { listFactors } from '../factors/factor.store.js'
import { identityAnswer } from '../identities/identity-answer.js'
import { listIdentities } from '../identities/identity.store.js'

export class ReadEndUser {
  constructor(private readonly db: ProjectDb) {}

  async execute(project: ProjectRecord, userId: string) {
    const user = await this.db.transaction(project.scope, (tx) => findEndUser(tx, userId))
    if (!user) throw new AuthError('not_found')
    const [identities, factors] = await Promise.all([listIdentities(this.db, project, userId), listFactors(this.db, project.scope, userId)])
    return { ...endUserAnswer(user), identities: identities.map(identityAnswer), factors: factors.map(factorAnswer) }
  }
}
