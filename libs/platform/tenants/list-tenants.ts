import type { PlatformDb } from '@portico/database/platform-db'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listTenants, type TenantRow } from '../records/tenant.store.js'

export class ListTenants {
  constructor(private readonly db: PlatformDb) {}

  async execute(page: PageRequest): Promise<Page<TenantRow>> {
    const { rows, total } = await listTenants(this.db, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }), total)
  }
}
