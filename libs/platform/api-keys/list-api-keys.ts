import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { toPage, type Page, type PageRequest } from '@portico/kernel/paging'
import { listApiKeys, type ApiKeyRow } from '../records/api-key.store.js'

export class ListApiKeys {
  constructor(private readonly db: PlatformDb) {}

  async execute(caller: Caller, page: PageRequest): Promise<Page<ApiKeyRow>> {
    const { rows, total } = await listApiKeys(this.db, caller.tenantId, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }), total)
  }
}
