import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { domainAnswer } from './domain-answer.js'
import { listDomains } from '../records/domain.store.js'

export class ListDomains {
  constructor(private readonly db: ProjectDb) {}

  async execute(scope: ProjectScope) {
    return (await this.db.transaction(scope, (tx) => listDomains(tx))).map(domainAnswer)
  }
}
