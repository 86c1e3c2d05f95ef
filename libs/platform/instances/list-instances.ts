import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { readService } from '../records/auth-service.store.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import { asInstance, type Instance } from './instance.js'
import { countInstances, listInstances } from '../records/instance.store.js'

/** Who runs on which version of the environment. */
export class ListInstances {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  async execute(scope: ProjectScope, filter: { live: boolean }, page: PageRequest): Promise<Page<Instance>> {
    const now = this.clock.now()
    const liveSince = filter.live ? addSeconds(now, -LIVE_SECONDS) : null
    return this.db.transaction(scope, async (tx) => {
      const { envVersion } = await readService(tx)
      const rows = await listInstances(tx, liveSince, page)
      const total = await countInstances(tx, liveSince)
      const listed = toPage(rows, page, (row) => ({ at: row.bootedAt, id: row.id }), total)
      return { ...listed, items: listed.items.map((row) => asInstance(scope.projectId, envVersion, row, now)) }
    })
  }
}
