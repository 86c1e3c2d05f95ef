import { digestToken } from '@portico/crypto/token-digest'
import { ListPeople } from '@portico/end-user/administration/list-people'
import { ServerSideSessions } from '@portico/end-user/sessions/server-side-sessions'
import type { ChangeAuth } from '@portico/platform/auth-service/change-auth'
import type { EnableAuth } from '@portico/platform/auth-service/enable-auth'
import { ConsoleAccess } from '@portico/platform/console/console-access'
import { ConsoleProject } from '@portico/platform/console/console-project'
import { ConsoleSessions } from '@portico/platform/console/console-sessions'
import { ReadConsoleSession } from '@portico/platform/console/read-console-session'
import { Owners } from '@portico/platform/members/owners'
import { ReadMe } from '@portico/platform/members/read-me'
import { homeTenantId } from '@portico/platform/records/tenant.store'
import type { Parts } from '../use-cases.js'
import { ConsoleCookie } from './console-cookie.js'
import { ConsoleDoor } from './console-door.js'
import { consoleSettings } from './console-settings.js'
import { consolePeople } from './people.js'

/** Everything about who may use the console, constructed once. */
export function makeConsoleUseCases(parts: Parts, auth: { enableAuth: EnableAuth; changeAuth: ChangeAuth }) {
  const { platformDb, projectDb, directory, clock, entropy, publicUrl, dataPlanePublicUrl, console: config } = parts
  const project = new ConsoleProject(
    platformDb,
    directory,
    auth.enableAuth,
    auth.changeAuth,
    consoleSettings(publicUrl, dataPlanePublicUrl),
    clock,
    entropy,
  )
  const sessions = new ServerSideSessions(projectDb, clock, entropy)
  const people = consolePeople({ directory, sessions, list: new ListPeople(projectDb, parts.emailConfigured) })
  const owners = new Owners(platformDb, project, people)
  const choice = { configured: config.access, gate: config.gate, production: config.production }
  const access = new ConsoleAccess(platformDb, choice, () => owners.canSignIn({ breakGlassAlone: false }))
  const tokenDigest = config.token === null ? null : digestToken(config.token)
  const rules = { tokenDigest, localLogin: config.localLogin }
  const consoleSessions = new ConsoleSessions(platformDb, project, people, access, rules, clock, entropy)
  const cookie = new ConsoleCookie('portico_console', publicUrl)
  const development = !config.production
  let home: string | null = null
  const door = new ConsoleDoor({
    access,
    sessions: consoleSessions,
    cookie,
    publicUrl,
    development,
    acceptOpenRisk: config.acceptOpenRisk,
    tokenDigest,
    homeTenantId: async () => (home ??= await homeTenantId(platformDb)),
  })
  return {
    consoleProject: project,
    consoleSessions,
    readConsoleSession: new ReadConsoleSession(platformDb, access),
    readMe: new ReadMe(platformDb, project, people),
    console: { door, cookie, place: { publicUrl, dataPlanePublicUrl, demo: config.demo, localLogin: config.localLogin, development } },
  }
}
