import type { ConsoleConfig } from '@portico/config/console-config'
import type { SealedBox } from '@portico/crypto/sealed-box'
import type { PlatformDb, PlatformReads } from '@portico/database/platform-db'
import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { RateLimits } from '@portico/rate-limit/rate-limiter'
import type { PasswordHasher } from '@portico/crypto/password-hasher'
import { ActOnEndUsers } from '@portico/end-user/administration/act-on-end-users'
import { ChangeEndUser } from '@portico/end-user/administration/change-end-user'
import { CreateEndUser } from '@portico/end-user/administration/create-end-user'
import { EvictEndUser } from '@portico/end-user/administration/evict-end-user'
import { ExportEndUsers } from '@portico/end-user/administration/export-end-users'
import { ListEndUserIdentities, UnlinkEndUserIdentity } from '@portico/end-user/administration/end-user-identities'
import { EndEndUserSessions } from '@portico/end-user/administration/end-end-user-sessions'
import { ListEndUserPasskeys } from '@portico/end-user/administration/list-end-user-passkeys'
import { ListEndUserSessions } from '@portico/end-user/administration/list-end-user-sessions'
import { ListEndUsers } from '@portico/end-user/administration/list-end-users'
import { ReadEndUser } from '@portico/end-user/administration/read-end-user'
import { EraseEndUser } from '@portico/end-user/administration/erase-end-user'
import { RemoveEndUser } from '@portico/end-user/administration/remove-end-user'
import { RequestRecovery } from '@portico/end-user/administration/request-recovery'
import { ResetFactors } from '@portico/end-user/administration/reset-factors'
import { InviteUser } from '@portico/end-user/invitations/invite-user'
import { CheckNewPassword } from '@portico/end-user/steps/check-new-password'
import { AskHooks } from '@portico/end-user/steps/hooks/ask-hooks'
import { CallHook } from '@portico/end-user/steps/hooks/call-hook'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OAuthClient } from '@portico/oauth/oauth-client'
import { AuthenticateApiKey } from '@portico/platform/api-keys/authenticate-api-key'
import { CreateApiKey } from '@portico/platform/api-keys/create-api-key'
import { ListApiKeys } from '@portico/platform/api-keys/list-api-keys'
import { RevokeApiKey } from '@portico/platform/api-keys/revoke-api-key'
import { ConfigureCaptcha } from '@portico/platform/auth-providers/captcha'
import { ReadProviders } from '@portico/platform/auth-providers/read-providers'
import { RemoveProvider } from '@portico/platform/auth-providers/remove-provider'
import { SetProvider } from '@portico/platform/auth-providers/set-provider'
import { TestProvider } from '@portico/platform/auth-providers/test-provider'
import { AdvanceRotation } from '@portico/platform/auth-service/advance-rotation'
import { CancelRotation } from '@portico/platform/auth-service/cancel-rotation'
import { SwitchRotation } from '@portico/platform/auth-service/switch-rotation'
import { ChangeAuth } from '@portico/platform/auth-service/change-auth'
import { DisableAuth } from '@portico/platform/auth-service/disable-auth'
import { EnableAuth } from '@portico/platform/auth-service/enable-auth'
import { KeyMint } from '@portico/platform/auth-service/mint-key'
import { PreviewPage } from '@portico/platform/auth-service/preview-page'
import { PreviewSettings } from '@portico/platform/auth-service/preview-settings'
import { ReadAuth } from '@portico/platform/auth-service/read-auth'
import { ReadRotation } from '@portico/platform/auth-service/read-rotation'
import { RotateSecret } from '@portico/platform/auth-service/rotate-secret'
import { ReadDevInbox } from '@portico/platform/dev-inbox/read-dev-inbox'
import type { DomainDns } from '@portico/platform/domains/domain-dns'
import { EventFeed } from '@portico/platform/events/event-feed'
import { ListProjectEvents } from '@portico/platform/events/list-project-events'
import { Idempotency } from '@portico/platform/idempotency/idempotency'
import { BootInstance } from '@portico/platform/instances/boot-instance'
import { EndInstance } from '@portico/platform/instances/end-instance'
import { ListInstances } from '@portico/platform/instances/list-instances'
import { RecordHeartbeat } from '@portico/platform/instances/record-heartbeat'
import { ConfigureMailSender } from '@portico/platform/mail/configure-mail-sender'
import { BrandImages } from '@portico/platform/branding/brand-images'
import { ProjectTemplates } from '@portico/platform/mail/project-templates'
import { ProjectMails } from '@portico/platform/mail/list-mails'
import { SenderWebhook } from '@portico/platform/mail/sender-webhook'
import { TakeDeliveryReport } from '@portico/platform/mail/take-delivery-report'
import type { ProviderDomains, SenderProbe } from '@portico/platform/mail/sender-ports'
import { ProjectAuth } from '@portico/platform/project-auth/project-auth'
import { ArchiveProject } from '@portico/platform/projects/archive-project'
import { ChangeProject } from '@portico/platform/projects/change-project'
import { CreateProject } from '@portico/platform/projects/create-project'
import { ListProjects } from '@portico/platform/projects/list-projects'
import { ReadProject } from '@portico/platform/projects/read-project'
import { MailSenderStore } from '@portico/platform/records/mail-sender.store'
import { ListVariables } from '@portico/platform/runtime-env/list-variables'
import { ReadRuntimeEnv } from '@portico/platform/runtime-env/read-runtime-env'
import { SetVariables } from '@portico/platform/runtime-env/set-variables'
import { ReadProjectStats } from '@portico/platform/stats/read-project-stats'
import { ReadTenantStats } from '@portico/platform/stats/read-tenant-stats'
import type { AuditSigner } from '@portico/tokens/audit-signer'
import { Bootstrap } from '@portico/platform/tenants/bootstrap'
import { CreateTenant } from '@portico/platform/tenants/create-tenant'
import { ListTenants } from '@portico/platform/tenants/list-tenants'
import { makeAuditUseCases } from './audit/audit-use-cases.js'
import { makeConsoleUseCases } from './console/console-use-cases.js'
import { makeDeviceUseCases } from './device/device-use-cases.js'
import { makeDirectoryUseCases } from './directories/directory-use-cases.js'
import { makeDomainUseCases } from './domains/domain-use-cases.js'
import { makeOrganizationUseCases } from './organizations/organization-use-cases.js'
import { makeSsoUseCases } from './sso/sso-use-cases.js'
import { makeAppUseCases } from './webhooks/app-use-cases.js'
import { templateRenderer } from './mail/template-renderer.js'

export interface Parts {
  platformDb: PlatformDb
  platformSql: PlatformSql
  projectDb: ProjectDb
  /** For lists and figures: a copy of the database where there is one. */
  reading: { projectDb: ProjectDb; platformSql: PlatformSql; platformReads: PlatformReads }
  directory: ProjectDirectory
  box: SealedBox
  /** The key of the installation, which vouches for audit logs and erasures. */
  auditSigner: AuditSigner
  clock: Clock
  entropy: Entropy
  hasher: PasswordHasher
  domainDns: DomainDns
  publicUrl: string
  dataPlanePublicUrl: string
  emailConfigured: boolean
  senderProbe: SenderProbe
  /** `null`: the installation has no key of Resend. */
  providerDomains: ProviderDomains | null
  /** Development: providers may be on loopback. */
  allowLoopbackProviders: boolean
  console: ConsoleConfig
  /** A fault of ours that an answer could not be refused with, since it is about several things. */
  onFault: (error: unknown) => void
  limits: RateLimits
}

export type UseCases = ReturnType<typeof makeUseCases>

/** Every use case of the control plane, constructed once. */
export function makeUseCases(parts: Parts) {
  const { platformDb, platformSql, projectDb, reading, hasher, directory, box, clock, entropy, dataPlanePublicUrl } = parts
  const mint = new KeyMint(box, entropy)
  const advanceRotation = new AdvanceRotation(projectDb, clock)
  const authenticateApiKey = new AuthenticateApiKey(platformDb, clock)
  const createProject = new CreateProject(platformDb, clock, entropy)
  const enableAuth = new EnableAuth(projectDb, directory, mint, clock, dataPlanePublicUrl)
  const readAuth = new ReadAuth(projectDb, clock, dataPlanePublicUrl)
  const changeAuth = new ChangeAuth(projectDb, directory, mint, clock, dataPlanePublicUrl)
  const previewSettings = new PreviewSettings(projectDb, clock)
  const disableAuth = new DisableAuth(projectDb, directory, clock, dataPlanePublicUrl)
  const createApiKey = new CreateApiKey(platformDb, clock, entropy)
  const checkNewPassword = new CheckNewPassword(clock, { allowLoopback: parts.allowLoopbackProviders })
  const callHook = new CallHook(projectDb, box, clock, entropy, { allowLoopback: parts.allowLoopbackProviders })
  const hooks = new AskHooks(projectDb, callHook, clock)
  const changeEndUser = new ChangeEndUser(projectDb, hasher, checkNewPassword, hooks, clock, entropy)
  const removeEndUser = new RemoveEndUser(projectDb, clock)
  const endEndUserSessions = new EndEndUserSessions(projectDb, clock)
  const evictEndUser = new EvictEndUser(projectDb, clock, entropy, parts.emailConfigured)
  const requestRecovery = new RequestRecovery(projectDb, clock, entropy, parts.emailConfigured)
  const outbound = new GuardedHttp({ allowLoopback: parts.allowLoopbackProviders })
  const oauthClient = new OAuthClient(outbound)
  const auth = { enableAuth, readAuth, changeAuth, previewSettings }
  const mailSenders = new MailSenderStore(projectDb, platformSql)
  const takeDeliveryReport = new TakeDeliveryReport(projectDb, directory, clock)
  return {
    ...makeConsoleUseCases(parts, { ...auth, checkNewPassword, hooks, oauthClient, createProject, authenticateApiKey }),
    bootstrap: new Bootstrap(platformDb, clock, entropy),
    createTenant: new CreateTenant(platformDb, clock, entropy),
    listTenants: new ListTenants(platformDb),

    authenticateApiKey,
    createApiKey,
    ...makeDeviceUseCases(parts, createApiKey),
    listApiKeys: new ListApiKeys(platformDb),
    revokeApiKey: new RevokeApiKey(platformDb, clock, () => authenticateApiKey.forgetAll()),
    idempotency: new Idempotency(platformDb, box, clock),

    createProject,
    listProjects: new ListProjects(reading.platformReads),
    readProject: new ReadProject(platformDb),
    changeProject: new ChangeProject(platformDb, directory, clock),
    archiveProject: new ArchiveProject(platformDb, directory, clock),

    enableAuth,
    readAuth,
    changeAuth,
    previewPage: new PreviewPage(box, clock, { console: parts.publicUrl, dataPlane: dataPlanePublicUrl }),
    previewSettings,
    disableAuth,
    rotateSecret: new RotateSecret(projectDb, directory, mint, clock),
    readRotation: new ReadRotation(advanceRotation, directory),
    cancelRotation: new CancelRotation(projectDb, directory, clock),
    switchRotation: new SwitchRotation(projectDb, directory, clock),
    readRuntimeEnv: new ReadRuntimeEnv(projectDb, box, clock, dataPlanePublicUrl),
    listVariables: new ListVariables(projectDb, clock, dataPlanePublicUrl),
    setVariables: new SetVariables(projectDb, box, clock),

    bootInstance: new BootInstance(projectDb, box, advanceRotation, clock, entropy, dataPlanePublicUrl),
    recordHeartbeat: new RecordHeartbeat(projectDb, advanceRotation, clock),
    listInstances: new ListInstances(projectDb, clock),
    endInstance: new EndInstance(projectDb, advanceRotation, clock),
    listEndUsers: new ListEndUsers(reading.projectDb),
    exportEndUsers: new ExportEndUsers(projectDb, new ListEndUsers(projectDb), clock),
    actOnEndUsers: new ActOnEndUsers(
      { change: changeEndUser, remove: removeEndUser, endSessions: endEndUserSessions, recover: requestRecovery, evict: evictEndUser },
      parts.onFault,
    ),
    createEndUser: new CreateEndUser(projectDb, hasher, checkNewPassword, clock, entropy),
    readEndUser: new ReadEndUser(projectDb, clock),
    changeEndUser,
    removeEndUser,
    eraseEndUser: new EraseEndUser(projectDb, parts.auditSigner, clock, entropy),
    listEndUserSessions: new ListEndUserSessions(projectDb, clock),
    endEndUserSessions,
    listEndUserPasskeys: new ListEndUserPasskeys(projectDb),
    resetFactors: new ResetFactors(projectDb, clock, entropy),
    evictEndUser,
    listEndUserIdentities: new ListEndUserIdentities(projectDb),
    unlinkEndUserIdentity: new UnlinkEndUserIdentity(projectDb, clock, entropy),
    requestRecovery,

    inviteUser: new InviteUser(projectDb, clock, entropy),
    ...makeOrganizationUseCases(projectDb, clock, entropy),
    ...makeDirectoryUseCases(projectDb, clock, entropy, dataPlanePublicUrl),
    ...makeSsoUseCases({ ...parts, outbound }),
    readProviders: new ReadProviders(projectDb, dataPlanePublicUrl),
    setProvider: new SetProvider(projectDb, box, oauthClient, outbound, clock, dataPlanePublicUrl),
    removeProvider: new RemoveProvider(projectDb, clock, dataPlanePublicUrl),
    testProvider: new TestProvider(projectDb, box, oauthClient, clock, dataPlanePublicUrl),
    configureCaptcha: new ConfigureCaptcha(projectDb, box, directory, clock),

    configureMailSender: new ConfigureMailSender(
      mailSenders,
      box,
      parts.senderProbe,
      parts.providerDomains,
      clock,
      entropy,
      parts.allowLoopbackProviders,
    ),

    projectTemplates: new ProjectTemplates(projectDb, templateRenderer, clock, entropy, dataPlanePublicUrl),
    brandImages: new BrandImages(projectDb, clock),
    projectMails: new ProjectMails(projectDb, clock),
    takeDeliveryReport,
    senderWebhook: new SenderWebhook(mailSenders, box, directory, takeDeliveryReport),
    ...makeDomainUseCases(parts),

    ...makeAuditUseCases(parts, outbound),
    listProjectEvents: new ListProjectEvents(projectDb),
    eventFeed: new EventFeed(projectDb, platformSql),
    ...makeAppUseCases({ ...parts, outbound, callHook }),
    readProjectStats: new ReadProjectStats(reading.projectDb, reading.platformSql, clock),
    readTenantStats: new ReadTenantStats(reading.platformSql, clock, parts.emailConfigured),
    projectAuth: new ProjectAuth(platformDb, directory, createProject, enableAuth, readAuth, changeAuth, disableAuth),
    readDevInbox: new ReadDevInbox(platformSql),
  }
}
