import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { dueSsoConnections } from '@portico/end-user/records/sso-certificate.store'
import type { WatchCertificates } from '@portico/end-user/sso/watch-certificates'
import type { Logger } from '@portico/http/request-log'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'

const AT_ONCE = 50
/** Between two looks at the same connection: the last notice comes a day before the end. */
export const CERTIFICATES_SECONDS = 6 * HOUR_SECONDS

/** Looks at those connections whose turn it is. One that fails does not hold up the others; it comes round again. */
export async function watchSsoCertificates(
  parts: { sql: PlatformSql; directory: ProjectDirectory; watch: WatchCertificates; clock: Clock; logger: Logger },
  isStopping: () => boolean,
): Promise<void> {
  const now = parts.clock.now()
  const due = await dueSsoConnections(parts.sql, { limit: AT_ONCE, now, before: addSeconds(now, -CERTIFICATES_SECONDS) })
  for (const { projectId, id } of due) {
    if (isStopping()) return
    try {
      const project = await parts.directory.resolve(projectId)
      if (project) await parts.watch.execute(project, id)
    } catch (error) {
      parts.logger.warn({ project_id: projectId, connection_id: id, err: error }, 'the certificates of a connection were not looked at')
    }
  }
}
