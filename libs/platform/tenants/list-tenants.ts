import type { PlatformDb } from '@portico/database/platform-db'
import { toPage, type PageRequest } from '../paging.js'
import { tenantAnswer } from './tenant-answer.js'
import { listTenants } from '../records/tenant.store.js'

export class ListTenants {
  constructor(private readonly db: PlatformDb) {}

  async execute(page: PageRequest) {
    const { rows, total } = await listTenants(this.db, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }), tenantAnswer, total)
  }
}
