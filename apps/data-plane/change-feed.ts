import { ChangeFeed } from '@portico/database/change-feed'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { RoleConnection } from '@portico/database/role-connection'
import { listChangedUsers } from '@portico/end-user/records/changed-user.store'
import { ACCESS_TOKEN_MEMORY_HOURS, type ChangedUsers } from '@portico/end-user/steps/changed-users'
import type { Logger } from '@portico/http/request-log'
import { FollowingClock, type Clock } from '@portico/kernel/clock'

/** At the start: the newest ones by user, all others by time. */
const MAX_USERS_AT_START = 50_000

/** What the data plane hears of: changed users for `/verify`, changed projects for their records. */
export function openChangeFeed(parts: {
  connection: RoleConnection
  directory: ProjectDirectory
  changedUsers: ChangedUsers
  clock: Clock
  logger: Logger
  intervalMs: number | undefined
}): ChangeFeed {
  const { connection, directory, changedUsers, clock, logger, intervalMs } = parts
  return new ChangeFeed({
    ...connection,
    applicationName: 'portico-data-plane-changes',
    intervalMs,
    clock: clock instanceof FollowingClock ? clock : undefined,
    onWrongClock: (milliseconds) => logger.warn({ milliseconds }, 'the clock was put right by that of PostgreSQL'),
    prepare: async (sql) => {
      const users = await listChangedUsers(sql, ACCESS_TOKEN_MEMORY_HOURS, MAX_USERS_AT_START)
      for (const { projectId, userId, changedAt } of users) changedUsers.recall(projectId, userId, changedAt)
      const [oldest] = users
      if (oldest && users.length === MAX_USERS_AT_START) changedUsers.missed(oldest.changedAt)
    },
    onProjectChanged: (projectId) => directory.invalidate(projectId),
    onUserChanged: (projectId, userId, changedAt) => changedUsers.changed(projectId, userId, changedAt),
    onMissed: () => {
      directory.invalidateAll()
      changedUsers.missed(clock.now())
    },
    onSilent: (error) => logger.warn({ err: error }, 'the change feed fell silent'),
  })
}
