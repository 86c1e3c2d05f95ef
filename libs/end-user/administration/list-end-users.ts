import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { addressSearchForms } from '@portico/kernel/email-address'
import type { EndUser } from '../records/end-user.js'
import { countEndUsers, listEndUsers } from '../records/end-user-search.store.js'

export interface ListEndUsersInput {
  search: string | null
  after: { at: Date; id: string } | null
  limit: number
  offset: number
}

export class ListEndUsers {
  constructor(private readonly db: ProjectDb) {}

  /** Up to `limit + 1` users, so that the caller sees whether more follow, and how many match in all. */
  execute(project: ProjectRecord, input: ListEndUsersInput): Promise<{ users: EndUser[]; total: number }> {
    const search = input.search === null || input.search.trim() === '' ? null : addressSearchForms(input.search)
    return this.db.transaction(project.scope, async (tx) => ({
      users: await listEndUsers(tx, { ...input, search, limit: input.limit + 1 }),
      total: await countEndUsers(tx, search),
    }))
  }
}
