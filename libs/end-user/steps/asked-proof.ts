import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { listIdentities } from '../records/identity.store.js'

/** What a page behind a mailed link asks for: a click alone could be a scanner's, or a stranger's whom somebody signed up. */
export interface AskedProof {
  /** The address that the link was mailed to; `null` when the link is no good. */
  address: string | null
  password: boolean
  /** A code of the authenticator app, or a recovery code. */
  factor: boolean
  /** Any of these shows that the account is the visitor's. */
  providers: readonly string[]
}

export const ASKS_NOTHING: AskedProof = { address: null, password: false, factor: false, providers: [] }

/** The providers that open the account and are on. */
export async function providersOf(db: ProjectDb, project: ProjectRecord, userId: string): Promise<string[]> {
  const linked = new Set((await listIdentities(db, project, userId)).map(({ provider }) => provider))
  return project.settings.providers.filter((provider) => linked.has(provider))
}
