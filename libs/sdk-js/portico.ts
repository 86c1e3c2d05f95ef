import { ApiKeys } from './api-keys.js'
import { AuditLog } from './audit-log.js'
import { Console } from './console.js'
import { DeviceLogins } from './device-logins.js'
import { Directories } from './directories.js'
import { Domains } from './domains.js'
import { Mail } from './mail.js'
import { Events } from './events.js'
import { Organizations } from './organizations.js'
import { Hooks } from './hooks.js'
import { Sso } from './sso.js'
export type {
  BreakGlass,
  CreateSsoConnection,
  EmailDomain,
  SsoAttempt,
  SsoConnection,
  SsoKey,
  SsoTest,
  UpdateSsoConnection,
} from './sso.js'
import { Instances } from './instances.js'
import { Projects } from './projects.js'
import { RuntimeEnv } from './runtime-env.js'
import { Stats } from './stats.js'
import { Team } from './team.js'
import { Transport } from './transport.js'
import { Usage } from './usage.js'
import { Users } from './users.js'
import { Webhooks } from './webhooks.js'

export interface PorticoOptions {
  /**
   * A platform API key, `msk_…`. `PORTICO_API_KEY` when absent. Never ship one to a browser. `null`: no key is sent, for a page of the
   * console's own origin, where the cookie of the console session speaks.
   */
  apiKey?: string | null
  /** Where the control plane answers, such as `https://control.example`. `PORTICO_URL` when absent. */
  baseUrl?: string
  /** For one attempt, in milliseconds; 15,000 when absent. */
  timeoutMs?: number
  /** For one call with all its attempts and waits, in milliseconds; 60,000 when absent. */
  totalTimeoutMs?: number
  /** Attempts after the first; 3 when absent. Only 429, 5xx, network failures and time limits are tried again. */
  maxRetries?: number
  fetch?: typeof fetch
}

/** The platform API. One object serves a whole program; it holds no connection and needs no closing. */
export class Portico {
  readonly projects: Projects
  readonly runtimeEnv: RuntimeEnv
  readonly instances: Instances
  readonly users: Users
  readonly domains: Domains
  readonly deviceLogins: DeviceLogins
  readonly mail: Mail
  readonly organizations: Organizations
  readonly directories: Directories
  readonly sso: Sso
  readonly apiKeys: ApiKeys
  readonly auditLog: AuditLog
  readonly events: Events
  readonly stats: Stats
  readonly team: Team
  readonly console: Console
  readonly usage: Usage
  readonly hooks: Hooks
  readonly webhooks: Webhooks

  constructor(options: PorticoOptions = {}) {
    const apiKey = options.apiKey === undefined ? readEnv('PORTICO_API_KEY') : options.apiKey
    const baseUrl = options.baseUrl ?? readEnv('PORTICO_URL')
    if (!apiKey && apiKey !== null) throw new TypeError('Give new Portico({ apiKey }), or set PORTICO_API_KEY.')
    if (!baseUrl) throw new TypeError('Give new Portico({ baseUrl }), or set PORTICO_URL.')
    const transport = new Transport({
      apiKey,
      baseUrl: apiBase(baseUrl),
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      timeoutMs: options.timeoutMs ?? 15_000,
      totalTimeoutMs: options.totalTimeoutMs ?? 60_000,
      maxRetries: options.maxRetries ?? 3,
    })
    this.projects = new Projects(transport)
    this.runtimeEnv = new RuntimeEnv(transport)
    this.instances = new Instances(transport)
    this.users = new Users(transport)
    this.domains = new Domains(transport)
    this.deviceLogins = new DeviceLogins(transport)
    this.mail = new Mail(transport)
    this.organizations = new Organizations(transport)
    this.directories = new Directories(transport)
    this.sso = new Sso(transport)
    this.apiKeys = new ApiKeys(transport)
    this.auditLog = new AuditLog(transport)
    this.events = new Events(transport)
    this.stats = new Stats(transport)
    this.team = new Team(transport)
    this.console = new Console(transport)
    this.hooks = new Hooks(transport)
    this.usage = new Usage(transport)
    this.webhooks = new Webhooks(transport)
  }
}

function apiBase(baseUrl: string): string {
  if (!URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) throw new TypeError('baseUrl must be an http or https URL.')
  const base = baseUrl.replace(/\/+$/, '')
  return base.endsWith('/v1') ? base : `${base}/api/v1`
}

/** Edge runtimes have no `process`, and some refuse to read from it. */
function readEnv(name: string): string | undefined {
  try {
    const host = globalThis as { process?: { env?: Record<string, string | undefined> } }
    return host.process?.env?.[name] || undefined
  } catch {
    return undefined
  }
}

export { VERBATIM_FIELDS } from './generated.js'
export { isPorticoError, PorticoError } from './portico-error.js'
export type { FieldProblem, LocalErrorCode, PorticoErrorCode } from './portico-error.js'
export type { Listing, Page, PageQuery } from './page.js'
export type { CallOptions } from './transport.js'
export type { Hook, HookName, HookTest, HookWithSecret, SetHook } from './hooks.js'
export type { ProjectUsageQuery, UsageQuery, UsageRow } from './usage.js'
export type {
  CreateTenantWebhook,
  TenantWebhook,
  TenantWebhookDelivery,
  TenantWebhookWithSecret,
  UpdateTenantWebhook,
} from './tenant-webhooks.js'
export type { ApiKey, CreateApiKey, NewApiKey } from './api-keys.js'
export type { AuditEntry, AuditQuery, AuditStream, Erasure, SetAuditStream } from './audit-log.js'
export type { ConsoleSession, ConsoleSignIn, SetUpOwner } from './console.js'
export type { DeviceCode, DeviceLogin } from './device-logins.js'
export type {
  CreateDirectory,
  Directory,
  DirectoryEvent,
  DirectoryToken,
  NewDirectoryToken,
  UpdateDirectory,
} from './directories.js'
export type { Domain } from './domains.js'
export type {
  MailPreview,
  MailSender,
  MailTemplate,
  MailTemplateParts,
  NewMailSender,
  ProjectMail,
  SuppressedAddress,
} from './mail.js'
export type { EventsQuery, FollowOptions, ProjectEvent } from './events.js'
export type {
  CreateOrganization,
  Organization,
  OrganizationInvitation,
  OrganizationMember,
  NewSetupLink,
  OrganizationRole,
  SetupLink,
  UpdateOrganization,
} from './organizations.js'
export type { BootedInstance, BootInstance, Heartbeat, Instance } from './instances.js'
export type {
  AuthProvider,
  AuthProviderName,
  AuthService,
  AuthSettings,
  AuthSettingsPatch,
  Captcha,
  PagePreview,
  PreviewedPage,
  Rotation,
  SettingsPreview,
} from './project-auth.js'
export type { CreateProject, Project, UpdateProject } from './projects.js'
export type { RuntimeEnvChange, RuntimeEnvFormat, RuntimeEnvironment, RuntimeVariable } from './runtime-env.js'
export type {
  BulkResult,
  BulkUsers,
  CreateUser,
  EndUser,
  InviteUser,
  UpdateUser,
  UserFilter,
  UserQuery,
  UserOrganization,
  UserPasskey,
  UserSession,
} from './users.js'
export { verifyAuditExport } from './verify-audit.js'
export { verifyErasureReceipt } from './verify-erasure.js'
export type { ErasureStatement } from './verify-erasure.js'
export type { AuditProblem, AuditVerdict } from './verify-audit.js'
export { verifyHook } from './verify-hook.js'
export type { HookAnswer, HookRequest } from './verify-hook.js'
export { signWebhook } from './sign-webhook.js'
export { verifyWebhook, WebhookVerificationError } from './verify-webhook.js'
export type { ReceivedWebhook, WebhookMessage } from './verify-webhook.js'
export type {
  CreateWebhook,
  UpdateWebhook,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from './webhooks.js'
export type { WebhookDeliveryQuery, WebhookRange, WebhookReplay } from './webhook-queries.js'
export type { ProjectStats, StatsQuery, TenantStats } from './stats.js'
export type { CreateRole, InvitedMember, InviteMember, Me, Member, Role, UpdateMember, UpdateRole } from './team.js'
