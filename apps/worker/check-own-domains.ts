import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { Logger } from '@portico/http/request-log'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { DONE_BY_SYSTEM } from '@portico/platform/audit-actor'
import type { CheckDomain } from '@portico/platform/domains/check-domain'
import { dueDomains } from '@portico/platform/records/domain.store'
import { Slots } from './slots.js'

const AT_ONCE = 40
const LOOK_UPS = 10
/** Nobody else looks meanwhile; one whose DNS did not answer is tried again after it. */
const LEASE_SECONDS = 60

/** Looks those host names up whose turn it is. One that fails does not hold up the others. */
export async function checkOwnDomains(
  parts: { sql: PlatformSql; directory: ProjectDirectory; check: CheckDomain; clock: Clock; logger: Logger },
  isStopping: () => boolean,
): Promise<void> {
  const { sql, directory, check, clock, logger } = parts
  const now = clock.now()
  const slots = new Slots(LOOK_UPS)
  const look = async (projectId: string, id: string) => {
    const project = isStopping() ? null : await directory.resolve(projectId)
    if (project) await check.execute(project.scope, DONE_BY_SYSTEM, id)
  }
  const due = await dueDomains(sql, AT_ONCE, now, addSeconds(now, LEASE_SECONDS))
  await Promise.all(
    due.map(({ projectId, id }) =>
      slots.run(() => look(projectId, id)).catch((error: unknown) => {
        const code = error instanceof AuthError ? error.code : undefined
        // A DNS that is silent, or a name that two projects prove, is no fault of ours.
        const level = code === 'unavailable' || code === 'conflict' ? 'info' : 'warn'
        logger[level]({ project_id: projectId, domain_id: id, err: error }, 'a domain could not be checked')
      }),
    ),
  )
}
