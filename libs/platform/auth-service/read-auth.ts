import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { authService, type AuthService } from './auth-service.js'
import { readService } from '../records/auth-service.store.js'

/** Before the first enable: `enabled: false`, the default settings, no keys and no address. */
export class ReadAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  execute(scope: ProjectScope): Promise<AuthService> {
    return this.db.transaction(scope, async (tx) =>
      authService(tx, this.dataPlanePublicUrl, await readService(tx), this.clock.now()),
    )
  }
}
