import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listProjectEvents, type ProjectEvent } from '../records/event.store.js'

/** What happened in one project, newest first. */
export class ListProjectEvents {
  constructor(private readonly db: ProjectDb) {}

  async execute(scope: ProjectScope, types: readonly string[] | null, page: PageRequest): Promise<Page<ProjectEvent>> {
    const rows = await this.db.transaction(scope, (tx) => listProjectEvents(tx, types, page))
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }))
  }
}
