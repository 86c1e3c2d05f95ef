import type { ProjectTx } from './project-db.js'

/** Lists of a project that may have so many entries and no more. */
export type LimitedList = 'domain' | 'email_domain' | 'hook' | 'organization_role' | 'sso_connection' | 'webhook_endpoint'

/**
 * Until the end of the transaction nobody else counts or adds to this list of the project. Without it two who count at once both find room
 * for the last one. A lock of the project's row would hold up its settings and boots as well.
 */
export async function lockList(tx: ProjectTx, list: LimitedList): Promise<void> {
  await tx.query({
    name: 'lock_list',
    text: `select pg_advisory_xact_lock(hashtextextended($1 || ' ' || auth.current_project_id()::text, 0))`,
    values: [list],
  })
}
