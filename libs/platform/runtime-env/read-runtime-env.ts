import { recordAudit } from '@portico/database/audit'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { lockServiceShared } from '../records/auth-service.store.js'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { buildEnvironment } from './environment.js'
import { readEnvironmentSource } from './read-environment-source.js'

/** What an instance booted now would get: the only reading call that returns secrets, so each is audited. */
export class ReadRuntimeEnv {
  constructor(
    private readonly db: ProjectDb,
    private readonly box: SealedBox,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  async execute(scope: ProjectScope, caller: Caller): Promise<{ env: Record<string, string>; envVersion: number }> {
    const now = this.clock.now()
    const read = await this.db.transaction(scope, async (tx) => {
      const service = await lockServiceShared(tx)
      const source = await readEnvironmentSource(tx, service, this.dataPlanePublicUrl)
      await recordAudit(
        tx,
        { ...doneBy(caller), action: 'runtime_env.read', resource: 'project', resourceId: formatId('proj', scope.projectId) },
        now,
      )
      return { source, envVersion: service.envVersion }
    })
    return { env: buildEnvironment(this.box, read.source, now), envVersion: read.envVersion }
  }
}
