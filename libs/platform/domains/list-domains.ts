import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { readService } from '../records/auth-service.store.js'
import { describeDomains, type DomainView } from './describe-domains.js'

export class ListDomains {
  constructor(
    private readonly db: ProjectDb,
    private readonly target: string,
  ) {}

  execute(scope: ProjectScope): Promise<DomainView[]> {
    return this.db.transaction(scope, async (tx) => describeDomains(tx, await readService(tx), this.target))
  }
}
