import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { lockServiceShared } from '../records/auth-service.store.js'
import { managedNames } from './environment.js'
import { readEnvironmentSource } from './read-environment-source.js'

export interface ListedVariable {
  name: string
  /** Set by managed auth, or by the project itself. */
  source: 'managed' | 'own'
  updatedAt: Date
}

/** Names, sources and times; never a value. */
export class ListVariables {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  execute(scope: ProjectScope): Promise<ListedVariable[]> {
    return this.db.transaction(scope, async (tx) => {
      const service = await lockServiceShared(tx)
      const source = await readEnvironmentSource(tx, service, this.dataPlanePublicUrl)
      const managed = managedNames(source, this.clock.now()).map((name) => ({
        name,
        source: 'managed' as const,
        updatedAt: service.updatedAt,
      }))
      const own = source.variables.map(({ name, updatedAt }) => ({ name, source: 'own' as const, updatedAt }))
      return [...managed, ...own].toSorted((a, b) => (a.name < b.name ? -1 : 1))
    })
  }
}
