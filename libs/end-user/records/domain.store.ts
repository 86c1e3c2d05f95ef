import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'

/** Host names that the operator has proved to be the project's, the longest proved first. */
export async function listVerifiedDomains(db: ProjectDb, project: ProjectRecord): Promise<string[]> {
  const rows = await db.read<{ hostname: string }>(project.scope, {
    name: 'domain_verified',
    text: 'select hostname from auth.domain where project_id = auth.current_project_id() and verified_at is not null order by verified_at, hostname',
    values: [],
  })
  return rows.map(({ hostname }) => hostname)
}
