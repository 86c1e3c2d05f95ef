import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import type { EndUserFilter, EndUserPosition } from '../records/end-user-filter.js'
import type { EndUser } from '../records/end-user.js'
import type { Administrator } from './administrator.js'
import type { ListEndUsers } from './list-end-users.js'

const PAGE = 1_000
// Whoever comes while it runs is in it too.
const OLDEST_FIRST = { by: 'createdAt', descending: false } as const

/**
 * Everybody who meets a filter, page by page, each in a transaction of its own: an export of a million people holds nothing for its length.
 */
export class ExportEndUsers {
  constructor(
    private readonly db: ProjectDb,
    private readonly list: ListEndUsers,
    private readonly clock: Clock,
  ) {}

  /** Audited before anything leaves. Rejects while it can still be told to the caller; later failures reach the reader of the pages. */
  async execute(project: ProjectRecord, by: Administrator, filter: EndUserFilter, format: string): Promise<AsyncIterable<EndUser[]>> {
    const now = this.clock.now()
    const fields = Object.entries(filter).flatMap(([name, value]) =>
      value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [name],
    )
    const first = await this.#page(project, filter, null)
    await this.db.transaction(project.scope, (tx) =>
      recordAudit(
        tx,
        {
          ...by,
          action: 'user.exported',
          resource: 'project',
          resourceId: formatId('proj', project.scope.projectId),
          metadata: { format, filteredBy: fields },
        },
        now,
      ),
    )
    return this.#pages(project, filter, first)
  }

  async *#pages(
    project: ProjectRecord,
    filter: EndUserFilter,
    first: Awaited<ReturnType<ListEndUsers['page']>>,
  ): AsyncGenerator<EndUser[]> {
    let page = first
    yield page.found.map(({ user }) => user)
    while (page.next) {
      page = await this.#page(project, filter, page.next)
      yield page.found.map(({ user }) => user)
    }
  }

  #page(project: ProjectRecord, filter: EndUserFilter, after: EndUserPosition | null) {
    return this.list.page(project, { filter, sort: OLDEST_FIRST, after, limit: PAGE, offset: 0 })
  }
}
