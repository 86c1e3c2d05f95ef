import type { PlatformDb } from '@portico/database/platform-db'
import type { Caller } from '../caller.js'
import { toPage, type PageRequest } from '../paging.js'
import { apiKeyAnswer } from './api-key.js'
import { listApiKeys } from '../records/api-key.store.js'

export class ListApiKeys {
  constructor(private readonly db: PlatformDb) {}

  async execute(caller: Caller, page: PageRequest) {
    const { rows, total } = await listApiKeys(this.db, caller.tenantId, page)
    return toPage(rows, page, (row) => ({ at: row.createdAt, id: row.id }), apiKeyAnswer, total)
  }
}
