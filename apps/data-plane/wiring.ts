import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Provider } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import type { DataPlaneConfig } from '@portico/config/data-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { hmacSha256 } from '@portico/crypto/hmac'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { MasterKeyCanary, WrongMasterKeyError } from '@portico/crypto/master-key-canary'
import { deriveRolePasswords } from '@portico/crypto/role-password'
import { tokenKeyContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import { ChangeListener } from '@portico/database/change-listener'
import { Database } from '@portico/database/database'
import { MasterKeyCheck } from '@portico/database/master-key-check'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { roleConnection } from '@portico/database/role-connection'
import { SharedTestClock } from '@portico/database/shared-test-clock'
import { CheckCaptcha } from '@portico/end-user/abuse/check-captcha'
import { RecordLinkScanner } from '@portico/end-user/abuse/record-link-scanner'
import { DeleteUser } from '@portico/end-user/account/delete-user'
import { ReadAccount } from '@portico/end-user/account/read-account'
import { Reauthenticate } from '@portico/end-user/steps/reauthenticate'
import { UpdateUser } from '@portico/end-user/account/update-user'
import { ConfirmEmailChange } from '@portico/end-user/email/confirm-email-change'
import { ConfirmSignUp } from '@portico/end-user/email/confirm-sign-up'
import { CancelEmailChange } from '@portico/end-user/email/cancel-email-change'
import { RequestEmailChange } from '@portico/end-user/email/request-email-change'
import { ResendConfirmation } from '@portico/end-user/email/resend-confirmation'
import { UndoEmailChange } from '@portico/end-user/email/undo-email-change'
import { CompleteLink } from '@portico/end-user/identities/complete-link'
import { ListIdentities } from '@portico/end-user/identities/list-identities'
import { StartLink } from '@portico/end-user/identities/start-link'
import { UnlinkIdentity } from '@portico/end-user/identities/unlink-identity'
import { AcceptInvitation } from '@portico/end-user/invitations/accept-invitation'
import { FinishOAuth } from '@portico/end-user/ways-in/oauth/finish-oauth'
import { StartOAuth } from '@portico/end-user/ways-in/oauth/start-oauth'
import { ChangePassword } from '@portico/end-user/ways-in/password/change-password'
import { ConfirmPasswordReset } from '@portico/end-user/ways-in/password/confirm-password-reset'
import { LogIn } from '@portico/end-user/ways-in/password/log-in'
import { RequestPasswordReset } from '@portico/end-user/ways-in/password/request-password-reset'
import { SignUp } from '@portico/end-user/ways-in/password/sign-up'
import { ConfirmMagicLink } from '@portico/end-user/ways-in/passwordless/confirm-magic-link'
import { RedeemExchangeCode } from '@portico/end-user/ways-in/passwordless/redeem-exchange-code'
import { RequestSignInMail } from '@portico/end-user/ways-in/passwordless/request-sign-in-mail'
import { RefusedSignIns } from '@portico/end-user/steps/refused-sign-ins'
import { StartProvenSession } from '@portico/end-user/steps/start-proven-session'
import { VerifyEmailCode } from '@portico/end-user/ways-in/passwordless/verify-email-code'
import { AuthUrls } from '@portico/end-user/project/auth-urls'
import { ProjectKeys } from '@portico/end-user/project/project-keys'
import { Authenticate } from '@portico/end-user/steps/authenticate'
import { CheckHolder } from '@portico/end-user/steps/check-holder'
import { EndAllSessions, EndSession } from '@portico/end-user/sessions/end-sessions'
import { ListSessions } from '@portico/end-user/sessions/list-sessions'
import { LiveSessions } from '@portico/end-user/steps/live-sessions'
import { LogOut } from '@portico/end-user/sessions/log-out'
import { RefreshSession } from '@portico/end-user/sessions/refresh-session'
import { SessionGrants } from '@portico/end-user/steps/session-grant'
import { VerifyToken } from '@portico/end-user/sessions/verify-token'
import { registerHealth } from '@portico/http/health'
import { collectMetrics } from '@portico/http/metrics'
import { createMetricsServer } from '@portico/http/metrics-server'
import { registerOpenApi } from '@portico/http/openapi-page'
import { hostnameOf } from '@portico/http/request-host'
import type { Logger } from '@portico/http/request-log'
import { fastifyOf } from '@portico/http/server-state'
import { createHttpApp } from '@portico/http/start-app'
import { registerTestClock } from '@portico/http/test-clock'
import { MovableClock, systemClock, type Clock } from '@portico/kernel/clock'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { OAuthClient } from '@portico/oauth/oauth-client'
import { RateLimits } from '@portico/rate-limit/rate-limiter'
import { registerCaptcha } from './dialects/portico/abuse/captcha-hook.js'
import { AppModule } from './app.module.js'
import { MailDelivery } from './dialects/portico/email/mail-delivery.js'
import { factorProviders } from './dialects/portico/factors/factor-providers.js'
import { registerHotRoutes } from './dialects/portico/hot-routes.js'
import { CLOCK, ENTROPY } from './injection-tokens.js'
import { LinkGuard } from './pages/link-guard.js'
import { SpendMailedLink } from './pages/spend-mailed-link.js'
import { CanonicalHost } from './dialects/portico/oauth/canonical-host.js'
import { FlowCookie } from './dialects/portico/oauth/flow-cookie.js'
import { BrowserScript } from './project/browser-script.js'
import { rewriteProjectUrl } from './project/project-base.js'
import { registerProjectHooks } from './project/project-hooks.js'
import { ProjectLimits } from './project/project-limits.js'
import { VouchedClient } from './project/vouched-client.js'
import { ResolveProject } from './project/resolve-project.js'
import { SessionTransport } from './dialects/portico/session/session-transport.js'

export interface DataPlaneParts {
  config: DataPlaneConfig
  logger: Logger
  /** By default the system's, or a movable one when the test clock is on. */
  clock?: Clock
  entropy?: Entropy
  hasher?: PasswordHasher
}

export interface DataPlane {
  app: NestFastifyApplication
  /** `GET /metrics`, for a listener of its own. */
  metricsServer: FastifyInstance
  /** In this order, after the server has drained. */
  stopSteps: { name: string; run: () => Promise<unknown> | unknown }[]
}

const ROLE = 'portico_data'
const TOKEN_KEY_BYTES = 32
/** How long the notification channel may be silent before remembered sessions no longer count: two pings and a half. */
const CHANNEL_SILENCE_MS = 5_000

/** Builds the data plane; it is left to listen. A database that is away does not stop the start: readiness and answers say so. */
export async function createDataPlane({ config, logger, ...given }: DataPlaneParts): Promise<DataPlane> {
  const clock = given.clock ?? (config.testClock ? new MovableClock() : systemClock)
  const entropy = given.entropy ?? systemEntropy
  const hasher = given.hasher ?? new PasswordHasher({ threadPoolSize: threadPoolSize() })
  const passwords = deriveRolePasswords(config, ROLE)
  const connection = roleConnection(roleDatabaseUrl(config.databaseUrl, ROLE, passwords[0]), passwords)
  const database = new Database({
    ...connection,
    poolSize: config.databasePoolSize,
    applicationName: 'portico-data-plane',
    onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const directory = new ProjectDirectory(database, {
    heardAt: () => listener.heardAt,
    makeTokenKey: (projectId) => box.seal(entropy.bytes(TOKEN_KEY_BYTES), tokenKeyContext(projectId)),
  })
  // A pool of their own: callers that queue for one counter row, as a storm from one address does, must not hold the connections that
  // everybody's sessions are checked with. Counters need not survive a crash, so their commits do not wait for the disk.
  const counters = config.redisUrl === null
    ? new Database({ ...connection, poolSize: Math.max(2, Math.ceil(config.databasePoolSize / 4)), applicationName: 'portico-data-plane-limits', durable: false, onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost') })
    : null
  const limits = openLimits(config, new PlatformSql(counters ?? database), clock, logger)
  const masterKeys = { current: config.masterKey, previous: config.previousMasterKey ?? undefined }
  const box = new SealedBox(masterKeys, entropy)
  const canary = new MasterKeyCanary(masterKeys)
  const masterKey = new MasterKeyCheck(new PlatformSql(database), (sealed) => canary.opens(sealed), () => logger.fatal({ err: new WrongMasterKeyError() }, 'wrong master key'))
  const keys = new ProjectKeys(box)
  const urls = new AuthUrls(config.publicUrl)
  const sessions: LiveSessions = new LiveSessions({ hearsEndings: () => listener.heardWithin(CHANNEL_SILENCE_MS) })
  const db = new ProjectDb(database, { onSessionsEnded: (projectId, userId) => sessions.forget(projectId, userId) })
  const authenticate = new Authenticate(db, keys, urls, clock)

  const http = new GuardedHttp({ allowLoopback: config.allowLoopbackProviders })

  const publicUrl = new URL(config.publicUrl)
  const publicPath = publicUrl.pathname.replace(/\/$/, '')
  const listener: ChangeListener = new ChangeListener({
    ...connection,
    applicationName: 'portico-data-plane-listen',
    channels: {
      portico_project: (projectId) => directory.invalidate(projectId),
      portico_session: (projectAndUser) => sessions.forget(...splitPair(projectAndUser)),
    },
    onOpen: () => {
      directory.invalidateAll()
      sessions.clear()
    },
    onError: (error) => logger.warn({ err: error }, 'the notification channel was lost'),
  })
  // Under way while the routes are made; the pool's first connection as well, which may be away like any other.
  const opened = Promise.all([listener.start(), limits.ready(), masterKey.run().catch(() => undefined)])

  const wires = { config, db, hasher, box, keys, urls, clock, entropy, limits, authenticate, http, grants: new SessionGrants(keys, urls, clock, entropy), transport: new SessionTransport(config.publicUrl), mail: new MailDelivery(config.emailConfigured) }
  const app = await createHttpApp(AppModule.with(providers(wires)), {
    logger,
    entropy,
    trustedProxyHops: config.trustedProxyHops,
    rewriteUrl: (request) => rewriteProjectUrl(request, publicPath),
  })
  const server = fastifyOf(app)
  registerProjectHooks(server, { resolve: new ResolveProject(directory, hostnameOf(publicUrl)), limits, authenticate, vouched: new VouchedClient(new PlatformSql(database), limits, clock) })
  registerCaptcha(server, new CheckCaptcha(db, box, http, config.captchaVerifyUrl))
  const endUserLimits = new ProjectLimits(limits)
  const refusals = new RefusedSignIns(db, endUserLimits, clock)
  registerHotRoutes(server, {
    signUp: new SignUp(db, hasher, wires.grants, endUserLimits, clock, entropy),
    logIn: new LogIn(db, hasher, wires.grants, endUserLimits, refusals, clock, entropy),
    verifyToken: new VerifyToken(authenticate, sessions, db, clock),
    refreshSession: new RefreshSession(db, keys, wires.grants, clock),
    readAccount: new ReadAccount(db, authenticate, clock),
    requestReset: new RequestPasswordReset(db, endUserLimits, clock, entropy),
    transport: wires.transport,
    mail: wires.mail,
  })
  registerHealth(server, {
    master_key: { required: true, check: () => masterKey.run() },
    postgres: { required: true, check: () => database.ping() },
    ...(config.redisUrl === null ? {} : { redis: { required: false, check: () => limits.ping() } }),
  })
  const metrics = collectMetrics(server, { service: 'data-plane' })
  metrics.gauge('portico_password_hashes_waiting', 'Password hashes that wait for a core.', () => hasher.stats().waiting)
  metrics.gauge('portico_password_hashes_refused', 'Password hashes refused since the start.', () => hasher.stats().refused)
  metrics.gauge('portico_projects_cached', 'Project records in memory.', () => directory.size)
  metrics.gauge('portico_users_with_sessions_cached', 'Users whose sessions are in memory.', () => sessions.size)
  metrics.gauge('portico_database_connections', 'Open database connections.', () => database.stats().total)
  metrics.gauge('portico_database_waiting', 'Callers that wait for a connection.', () => database.stats().waiting)
  registerOpenApi(server, { file: openApiFile(), builtFile: fileURLToPath(new URL('openapi.json', import.meta.url)) })
  const testClock = config.testClock && clock instanceof MovableClock ? new SharedTestClock(new PlatformSql(database), clock, (error) => logger.warn({ err: error }, 'the test clock was not read')) : null
  if (testClock) {
    registerTestClock(server, testClock)
    // A clock that was handed in is moved by whoever did.
    if (!given.clock) await testClock.start()
  }

  await opened

  return {
    app,
    metricsServer: createMetricsServer(metrics, logger),
    stopSteps: [
      { name: 'test clock', run: () => testClock?.stop() },
      { name: 'listener', run: () => listener.stop() },
      { name: 'limits', run: () => limits.close() },
      { name: 'counters', run: () => counters?.close() },
      { name: 'database', run: () => database.close() },
    ],
  }
}

interface Wires {
  config: DataPlaneConfig
  db: ProjectDb
  hasher: PasswordHasher
  box: SealedBox
  keys: ProjectKeys
  urls: AuthUrls
  clock: Clock
  entropy: Entropy
  limits: RateLimits
  authenticate: Authenticate
  http: GuardedHttp
  grants: SessionGrants
  transport: SessionTransport
  mail: MailDelivery
}

/** Every use case, made once. */
function providers({ config, db, hasher, box, keys, urls, clock, entropy, limits, authenticate, http, grants, transport, mail }: Wires): Provider[] {
  const endUserLimits = new ProjectLimits(limits)
  const refusals = new RefusedSignIns(db, endUserLimits, clock)
  const reauthenticate = new Reauthenticate(db, hasher, endUserLimits, clock)
  const confirmReset = new ConfirmPasswordReset(db, hasher, endUserLimits, clock, entropy)
  const { prove, providers: factors } = factorProviders({ db, box, grants, limits, refusals, reauthenticate, publicUrl: config.publicUrl, clock, entropy })
  const holder = new CheckHolder(db, hasher, endUserLimits)
  const confirmChange = new ConfirmEmailChange(db, holder, prove, clock, entropy)
  const undoChange = new UndoEmailChange(db, clock, entropy)
  const codeKey = hmacSha256(config.masterKey, 'portico/email-code')
  const confirmSignUp = new ConfirmSignUp(db, holder, prove, confirmChange, endUserLimits, clock, entropy, codeKey)
  const made = [
    confirmReset,
    new ChangePassword(db, reauthenticate, clock, entropy),
    new ResendConfirmation(db, endUserLimits, clock, entropy),
    new RequestEmailChange(db, reauthenticate, endUserLimits, clock, entropy),
    new CancelEmailChange(db, clock),
    undoChange,
    new LogOut(db, authenticate, keys, clock),
    new ListSessions(db, clock),
    new EndSession(db, clock),
    new EndAllSessions(db, clock, entropy),
    new UpdateUser(db, clock),
    new DeleteUser(db, reauthenticate, clock, entropy),
    new SpendMailedLink(confirmReset, confirmSignUp, confirmChange, undoChange),
    ...signInProviders({ config, db, hasher, box, urls, clock, entropy, http, codeKey, grants, endUserLimits, refusals, reauthenticate }),
    confirmSignUp,
    new LinkGuard(new RecordLinkScanner(db, endUserLimits, clock)),
    ...factors,
    authenticate,
    transport,
    new BrowserScript(),
    mail,
    keys,
  ]
  return [...made.map((instance) => ({ provide: instance.constructor, useValue: instance })), { provide: CLOCK, useValue: clock }, { provide: ENTROPY, useValue: entropy }]
}

interface SignInWires extends Pick<Wires, 'config' | 'db' | 'hasher' | 'box' | 'urls' | 'clock' | 'entropy' | 'http'> {
  codeKey: Buffer
  grants: SessionGrants
  endUserLimits: ProjectLimits
  refusals: RefusedSignIns
  reauthenticate: Reauthenticate
}

/** Ways to sign in without a password: mailed links and codes, invitations, outside providers. */
function signInProviders({ config, db, hasher, box, urls, clock, entropy, http, codeKey, grants, endUserLimits, refusals, reauthenticate }: SignInWires): object[] {
  const start = new StartProvenSession(db, grants, clock, entropy)
  const client = new OAuthClient(http)
  return [
    new RequestSignInMail(db, endUserLimits, clock, entropy),
    new ConfirmMagicLink(db, start, new RedeemExchangeCode(db, start, refusals, clock), refusals, clock, entropy, codeKey),
    new VerifyEmailCode(db, start, endUserLimits, refusals, clock, entropy, codeKey),
    new RedeemExchangeCode(db, start, refusals, clock),
    new AcceptInvitation(db, hasher, start, clock, entropy),
    new StartOAuth(db, client, box, urls, refusals, clock, entropy),
    new FinishOAuth(db, client, box, urls, endUserLimits, refusals, clock, entropy),
    new ListIdentities(db),
    new StartLink(db, box, urls, reauthenticate, clock),
    new CompleteLink(db, clock, entropy),
    new UnlinkIdentity(db, reauthenticate, clock, entropy),
    new FlowCookie(config.publicUrl),
    new CanonicalHost(urls, config.publicUrl),
  ]
}

function openLimits(config: DataPlaneConfig, sql: PlatformSql, clock: Clock, logger: Logger): RateLimits {
  return new RateLimits({
    store: config.redisUrl === null
      ? { kind: 'postgres', query: (statement) => sql.run(statement) }
      : { kind: 'redis', url: config.redisUrl },
    hashKey: (subject) => digestToken(subject).toString('base64url'),
    clock,
    onStoreChange: (state, cause) => logger.warn({ state, err: cause }, 'the counter store changed'),
  })
}

function splitPair(text: string): [string, string] {
  const [first = '', second = ''] = text.split(':')
  return [first, second]
}

function threadPoolSize(): number {
  const size = Number(process.env['UV_THREADPOOL_SIZE'])
  return Number.isInteger(size) && size > 0 ? size : 4
}

/** The same file from the sources and from `dist`. */
function openApiFile(): string {
  const candidates = ['../../openapi/data-plane.yaml', '../../../openapi/data-plane.yaml'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return candidates.find((path) => existsSync(path)) ?? candidates[0] ?? ''
}
