import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import type { Logger } from '@portico/http/request-log'
import { openRotations } from '@portico/platform/records/key-rotation.store'

/**
 * Lets every staged rotation switch whose instances have come round or whose deadline has passed. One that fails does not hold up the
 * others.
 */
export async function advanceRotations(
  parts: { sql: PlatformSql; directory: ProjectDirectory; logger: Logger; advance: (scope: ProjectScope) => Promise<unknown> },
  isStopping: () => boolean,
): Promise<void> {
  for (const projectId of await openRotations(parts.sql)) {
    if (isStopping()) return
    try {
      const record = await parts.directory.resolve(projectId)
      if (record) await parts.advance(record.scope)
    } catch (error) {
      parts.logger.warn({ project_id: projectId, err: error }, 'a key rotation could not be advanced')
    }
  }
}
