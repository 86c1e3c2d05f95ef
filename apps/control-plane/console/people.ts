import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { EndUser } from '@portico/end-user/records/end-user'
import type { ListPeople } from '@portico/end-user/administration/list-people'
import type { ServerSideSessions } from '@portico/end-user/sessions/server-side-sessions'
import type { ConsolePeople, ConsolePerson } from '@portico/platform/console/console-people'

interface Parts {
  directory: ProjectDirectory
  sessions: ServerSideSessions
  list: ListPeople
}

/** The people of the console, as end users of its project. */
export function consolePeople({ directory, sessions, list }: Parts): ConsolePeople {
  const record = async (projectId: string): Promise<ProjectRecord> => {
    const found = await directory.resolve(projectId)
    if (!found) throw new Error('the project of the console is gone')
    return found
  }
  return {
    async behind(projectId, sessionId) {
      const live = await sessions.find(await record(projectId), sessionId)
      return live && toPerson(live.user)
    },
    async byIds(projectId, ids) {
      const users = await list.byIds(await record(projectId), ids)
      return new Map(users.map((user) => [user.id, toPerson(user)]))
    },
    async whoCanSignIn(projectId, ids) {
      return list.whoCanSignIn(await record(projectId), ids)
    },
    async endSession(projectId, session, from) {
      await sessions.end(await record(projectId), session, from)
    },
  }
}

export function toPerson(user: EndUser): ConsolePerson {
  const { name } = user.metadata
  return {
    id: user.id,
    email: user.email,
    name: typeof name === 'string' && name.trim() !== '' ? name.slice(0, 200) : null,
    invited: user.emailVerifiedAt === null && user.lastSignInAt === null,
    disabled: user.disabledAt !== null,
    lastSignInAt: user.lastSignInAt,
  }
}
