import type { PlatformReads } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listProjects, type ProjectFilter, type ProjectRow } from '../records/project.store.js'

export class ListProjects {
  constructor(private readonly reads: PlatformReads) {}

  async execute(caller: Caller, filter: Omit<ProjectFilter, 'ids'>, page: PageRequest): Promise<Page<ProjectRow>> {
    const ids = caller.projects && [...caller.projects]
    const { rows, total } = await this.reads((db) => listProjects(db, caller.tenantId, { ...filter, ids }, page))
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }), total)
  }
}
