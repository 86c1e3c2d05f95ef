import { namesAdministrators, type ConsoleConfig } from '@portico/config/console-config'
import type { PasswordHasher } from '@portico/crypto/password-hasher'
import type { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import type { PlatformDb } from '@portico/database/platform-db'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import { AdmitIdentity } from '@portico/end-user/administration/admit-identity'
import { ChangeEndUser } from '@portico/end-user/administration/change-end-user'
import { CreateEndUser } from '@portico/end-user/administration/create-end-user'
import { ListPeople } from '@portico/end-user/administration/list-people'
import { InviteUser } from '@portico/end-user/invitations/invite-user'
import { ServerSideSessions } from '@portico/end-user/sessions/server-side-sessions'
import type { CheckNewPassword } from '@portico/end-user/steps/check-new-password'
import type { AskHooks } from '@portico/end-user/steps/hooks/ask-hooks'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { OAuthClient } from '@portico/oauth/oauth-client'
import type { AuthenticateApiKey } from '@portico/platform/api-keys/authenticate-api-key'
import type { ChangeAuth } from '@portico/platform/auth-service/change-auth'
import type { EnableAuth } from '@portico/platform/auth-service/enable-auth'
import type { PreviewSettings } from '@portico/platform/auth-service/preview-settings'
import type { ReadAuth } from '@portico/platform/auth-service/read-auth'
import { ChooseAccess } from '@portico/platform/console/choose-access'
import { ConsoleAccess } from '@portico/platform/console/console-access'
import { ConsoleProject } from '@portico/platform/console/console-project'
import { FillDemo } from '@portico/platform/console/fill-demo'
import { DemoVisitors } from '@portico/platform/console/demo-visitors'
import { ConsoleSignIn } from '@portico/platform/console/console-sign-in'
import { ConsoleSessions } from '@portico/platform/console/console-sessions'
import { OpenConsoleSession } from '@portico/platform/console/open-console-session'
import { ReadConsoleSession } from '@portico/platform/console/read-console-session'
import { SetUpFirstOwner } from '@portico/platform/console/set-up-first-owner'
import { StartConsole } from '@portico/platform/console/start-console'
import type { CreateProject } from '@portico/platform/projects/create-project'
import { AdmitFromIssuer } from '@portico/platform/members/admit-from-issuer'
import { ManageMembers } from '@portico/platform/members/manage-members'
import { Owners } from '@portico/platform/console/owners'
import { ReadMe } from '@portico/platform/members/read-me'
import { homeTenantId } from '@portico/platform/records/tenant.store'
import { ManageRoles } from '@portico/platform/roles/manage-roles'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import { Attempts } from './attempts.js'
import { ConsoleCookie } from './console-cookie.js'
import { ConsoleDoor } from './console-door.js'
import { consoleSettings, fixedSettings } from './console-settings.js'
import { PeopleOfTheDemo } from './demo-people.js'
import { OutsideIssuer } from './outside-issuer.js'
import { People } from './people.js'
import { SignInFlows } from './sign-in-flow.js'

/** Of the parts of the plane, those that this needs. */
interface Parts {
  platformDb: PlatformDb
  projectDb: ProjectDb
  directory: ProjectDirectory
  box: SealedBox
  clock: Clock
  entropy: Entropy
  hasher: PasswordHasher
  limits: RateLimits
  publicUrl: string
  dataPlanePublicUrl: string
  emailConfigured: boolean
  console: ConsoleConfig
}

interface Beside {
  checkNewPassword: CheckNewPassword
  hooks: AskHooks
  enableAuth: EnableAuth
  readAuth: ReadAuth
  changeAuth: ChangeAuth
  previewSettings: PreviewSettings
  oauthClient: OAuthClient
  createProject: CreateProject
  authenticateApiKey: AuthenticateApiKey
}

/** Everything about who may use the console, constructed once. */
export function makeConsoleUseCases(parts: Parts, beside: Beside) {
  const { checkNewPassword, hooks, enableAuth, readAuth, changeAuth, previewSettings, oauthClient } = beside
  const { createProject, authenticateApiKey } = beside
  const { platformDb, projectDb, hasher, directory, clock, entropy, box, publicUrl, dataPlanePublicUrl, console: config } = parts
  const settings = consoleSettings(publicUrl, dataPlanePublicUrl)
  const consoleProject = new ConsoleProject(platformDb, directory, enableAuth, changeAuth, settings, clock, entropy)
  const projectId = async () => (await consoleProject.ids()).projectId
  const create = new CreateEndUser(projectDb, hasher, checkNewPassword, clock, entropy)
  const inviteUser = new InviteUser(projectDb, clock, entropy)
  const demoPeople = new PeopleOfTheDemo({ projectDb, hasher, checkNewPassword, inviteUser, entropy })
  const demoSettings = { providers: ['email', 'magic_link'] as const }
  const people = new People({
    directory,
    projectId,
    sessions: new ServerSideSessions(projectDb, clock, entropy),
    list: new ListPeople(projectDb, parts.emailConfigured),
    create,
    change: new ChangeEndUser(projectDb, hasher, checkNewPassword, hooks, clock, entropy),
    inviteUser,
    admit: new AdmitIdentity(projectDb, clock, entropy),
  })
  const owners = new Owners(platformDb, people)
  const { production, acceptOpenRisk, localLogin, initialOwnerEmail } = config
  const choice = { configured: config.access, gate: config.gate, production }
  const access = new ConsoleAccess(platformDb, choice, () => owners.canSignIn({ breakGlassAlone: false }))
  const tokenDigest = config.token === null ? null : digestToken(config.token)
  const consoleSessions = new ConsoleSessions(platformDb, people, access, { tokenDigest, localLogin }, clock, entropy)
  const oidc = config.oidc && { administrators: namesAdministrators(config.oidc) }
  const chooseAccess = new ChooseAccess(platformDb, access, owners, { production, acceptOpenRisk, oidc, localLogin }, clock)
  const setUpFirstOwner = new SetUpFirstOwner(platformDb, people, owners, access, clock, entropy)
  const onChanged = () => {
    consoleSessions.forgetAll()
    authenticateApiKey.forgetAll()
    access.forget()
  }
  let home: string | null = null
  const readHome = async () => (home ??= await homeTenantId(platformDb))
  const cookie = new ConsoleCookie('portico_console', publicUrl)
  const place = { publicUrl, dataPlanePublicUrl, demo: config.demo, localLogin, development: !production }
  const demo = config.demo ? new DemoVisitors(platformDb) : null
  const doorParts = { access, sessions: consoleSessions, demo, cookie, publicUrl, development: !production, acceptOpenRisk, tokenDigest }
  return {
    consoleProject,
    consoleSessions,
    chooseAccess,
    consoleSignIn: new ConsoleSignIn(platformDb, consoleProject, owners, { readAuth, changeAuth, previewSettings }, clock),
    setUpFirstOwner,
    fillDemo: new FillDemo(platformDb, directory, createProject, enableAuth, demoPeople, demoSettings, clock, entropy),
    startConsole: new StartConsole(
      platformDb,
      consoleProject,
      people,
      owners,
      access,
      chooseAccess,
      setUpFirstOwner,
      initialOwnerEmail,
      clock,
    ),
    openConsoleSession: new OpenConsoleSession(platformDb, consoleSessions),
    readConsoleSession: new ReadConsoleSession(platformDb, access, owners),
    admitFromIssuer: new AdmitFromIssuer(platformDb, owners, initialOwnerEmail, clock, onChanged),
    readMe: new ReadMe(platformDb, people),
    manageMembers: new ManageMembers(platformDb, people, clock, onChanged),
    manageRoles: new ManageRoles(platformDb, clock, onChanged),
    /** What the doors of the console share. */
    console: {
      door: new ConsoleDoor({ ...doorParts, homeTenantId: readHome }),
      cookie,
      people,
      place,
      fixedSettings: fixedSettings(settings),
      homeTenantId: readHome,
      attempts: new Attempts(parts.limits),
      flows: new SignInFlows(box, publicUrl, projectId, clock, entropy),
      issuer: config.oidc && new OutsideIssuer(oauthClient, config.oidc, publicUrl),
    },
  }
}
