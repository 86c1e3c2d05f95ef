import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { listDomains, type DomainRow } from '../records/domain.store.js'

export class ListDomains {
  constructor(private readonly db: ProjectDb) {}

  execute(scope: ProjectScope): Promise<DomainRow[]> {
    return this.db.transaction(scope, (tx) => listDomains(tx))
  }
}
