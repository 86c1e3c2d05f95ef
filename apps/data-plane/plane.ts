import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Module } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import type { DataPlaneConfig } from '@portico/config/data-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { MasterKeyCanary, WrongMasterKeyError } from '@portico/crypto/master-key-canary'
import { deriveRolePasswords } from '@portico/crypto/role-password'
import { tokenKeyContext } from '@portico/crypto/seal-context'
import { SealedBox } from '@portico/crypto/sealed-box'
import type { ChangeFeed } from '@portico/database/change-feed'
import { Database } from '@portico/database/database'
import { HashMeter } from '@portico/database/hash-meter'
import { MasterKeyCheck, masterKeyProblem } from '@portico/database/master-key-check'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { SharedTestClock } from '@portico/database/shared-test-clock'
import { connectionProblem } from '@portico/database/connection-problem'
import { PoolerCheck } from '@portico/database/pooler-check'
import { roleConnection } from '@portico/database/role-connection'
import { watched } from '@portico/database/watched-connection'
import type { TxtRecords } from '@portico/end-user/organizations/email-domains'
import { AuthUrls } from '@portico/end-user/project/auth-urls'
import { ProjectKeys } from '@portico/end-user/project/project-keys'
import { ChangedUsers } from '@portico/end-user/steps/changed-users'
import { addressForLimits } from '@portico/http/client-address'
import { registerHealth } from '@portico/http/health'
import { collectMetrics, type Metrics } from '@portico/http/metrics'
import { createMetricsServer } from '@portico/http/metrics-server'
import { registerOpenApi } from '@portico/http/openapi-page'
import { hostnameOf } from '@portico/http/request-host'
import type { Logger } from '@portico/http/request-log'
import { fastifyOf } from '@portico/http/server-state'
import { createHttpApp } from '@portico/http/start-app'
import { registerTestClock } from '@portico/http/test-clock'
import { authUrl } from '@portico/kernel/auth-url'
import { FollowingClock, MovableClock, type Clock } from '@portico/kernel/clock'
import { systemEntropy, type Entropy } from '@portico/kernel/entropy'
import { storeProblem } from '@portico/rate-limit/rate-limiter'
import { domainDns } from '@portico/outbound/domain-dns'
import { GuardedHttp } from '@portico/outbound/guarded-http'
import { openChangeFeed } from './change-feed.js'
import { openLimits } from './open-limits.js'
import { registerCaptcha } from './dialects/portico/abuse/captcha-hook.js'
import { MailDelivery } from './dialects/portico/email/mail-delivery.js'
import { DirectoryThrottle } from './dialects/scim/directory-throttle.js'
import { registerScim } from './dialects/scim/scim.routes.js'
import { registerPortico } from './dialects/portico/portico.routes.js'
import { CanonicalHost } from './dialects/portico/oauth/canonical-host.js'
import { FlowCookie } from './pages/flow-cookie.js'
import { HostedPages } from './pages/hosted/hosted-pages.js'
import { PageCookies } from './pages/hosted/page-cookies.js'
import { registerPages } from './pages/pages.routes.js'
import { registerProjectRoutes } from './project/project.routes.js'
import { rewriteProjectUrl } from './project/project-base.js'
import { registerProjectHooks } from './project/project-hooks.js'
import { limitAsSet } from './project/limit-as-set.js'
import { registerTlsAsk } from './project/tls-ask.routes.js'
import { VouchedClient } from './project/vouched-client.js'
import { ResolveProject } from './project/resolve-project.js'
import { SessionTransport } from './dialects/portico/session/session-transport.js'
import { SignInLog } from './sign-in-log.js'
import { makeUseCases } from './use-cases.js'

export interface DataPlaneParts {
  config: DataPlaneConfig
  logger: Logger
  /** By default the system's, or a movable one when the test clock is on. */
  clock?: Clock
  entropy?: Entropy
  hasher?: PasswordHasher
  /** By default the real DNS. */
  txtRecords?: TxtRecords
  /** Between two looks at what changed elsewhere, in milliseconds. */
  changeFeedMs?: number
}

export interface DataPlane {
  app: NestFastifyApplication
  metrics: Metrics
  /** `GET /metrics`, for a listener of its own. */
  metricsServer: FastifyInstance
  /** In this order, after the server has drained. */
  stopSteps: { name: string; run: () => Promise<unknown> | unknown }[]
}

/** Nest is here for its lifecycle; the routes are Fastify's own. */
@Module({})
class DataPlaneModule {}

const TOKEN_KEY_BYTES = 32

/** Builds the data plane; it is left to listen. A database that is away does not stop the start: readiness and answers say so. */
export async function createDataPlane({ config, logger, ...given }: DataPlaneParts): Promise<DataPlane> {
  const clock = given.clock ?? (config.testClock ? new MovableClock() : new FollowingClock())
  const entropy = given.entropy ?? systemEntropy
  const onWorked: HashMeter['add'] = (projectId, milliseconds) => hashMeter.add(projectId, milliseconds)
  const require = () => database.requireThere()
  const hasher = given.hasher ?? new PasswordHasher({ threadPoolSize: threadPoolSize(), sharers: config.processes, onWorked, require })
  const role = `${config.databaseRolePrefix}_data`
  const passwords = deriveRolePasswords(config, role)
  const connection = watched(roleConnection(roleDatabaseUrl(config.databaseUrl, role, passwords[0]), passwords))
  const pooler = new PoolerCheck(connection)
  await pooler.run()
  const onIdleError = (error: unknown) => logger.warn({ err: error }, 'a database connection was lost')
  const database = new Database({
    ...connection,
    poolSize: config.databasePoolSize,
    applicationName: 'portico-data-plane',
    onIdleError,
  })
  const directory = new ProjectDirectory(database, {
    heardAt: () => feed.heardAt,
    makeTokenKey: (projectId) => box.seal(entropy.bytes(TOKEN_KEY_BYTES), tokenKeyContext(projectId)),
  })
  // A pool of their own: callers that queue for one counter row, as a storm from one address does, must not hold the connections that
  // everybody's sessions are checked with.
  const counters = config.redisUrl === null
    ? new Database({
        ...connection,
        poolSize: Math.max(2, Math.ceil(config.databasePoolSize / 4)),
        applicationName: 'portico-data-plane-limits',
        onIdleError,
      })
    : null
  const onUnnoted = (error: unknown) => logger.warn({ err: error }, 'hash times were not noted')
  const hashMeter = new HashMeter(new PlatformSql(counters ?? database), clock, onUnnoted)
  hashMeter.start()
  const limits = openLimits(config, counters ?? database, clock, logger)
  const masterKeys = { current: config.masterKey, previous: config.previousMasterKey ?? undefined }
  const box = new SealedBox(masterKeys, entropy)
  const canary = new MasterKeyCanary(masterKeys)
  const onWrongKey = () => logger.fatal({ err: new WrongMasterKeyError() }, 'wrong master key')
  const masterKey = new MasterKeyCheck(new PlatformSql(database), (sealed) => canary.opens(sealed), onWrongKey)
  const keys = new ProjectKeys(box)
  const urls = new AuthUrls(config.publicUrl)
  const changedUsers = new ChangedUsers(clock)
  const db = new ProjectDb(database, {
    onUserChanged: (projectId, userId, changedAt) => changedUsers.changed(projectId, userId, changedAt),
  })
  const outbound = new GuardedHttp({ allowLoopback: config.allowLoopbackProviders })
  const publicUrl = new URL(config.publicUrl)
  const publicPath = publicUrl.pathname.replace(/\/$/, '')
  const feed: ChangeFeed = openChangeFeed({ connection, directory, changedUsers, clock, logger, intervalMs: given.changeFeedMs })
  // Under way while the routes are made; the pool's first connection as well, which may be away like any other.
  const opened = Promise.all([feed.start(), limits.ready(), masterKey.run().catch(() => undefined)])

  const attempts = new SignInLog(logger, config.masterKey, config.observability.attemptedAddresses)
  const useCases = makeUseCases({
    config, db, hasher, box, keys, urls, limits, changedUsers, feed, outbound, attempts, clock, entropy,
    txtRecords: given.txtRecords ?? domainDns,
  })
  const app = await createHttpApp(DataPlaneModule, {
    logger,
    entropy,
    trustedProxyHops: config.trustedProxyHops,
    databaseTime: connection.watch,
    rewriteUrl: (request) => rewriteProjectUrl(request, publicPath),
  })
  const server = fastifyOf(app)
  registerTlsAsk(server, { directory, secret: config.tlsAskSecret })
  const vouched = new VouchedClient(new PlatformSql(database), limits, clock)
  const resolve = new ResolveProject(directory, hostnameOf(publicUrl))
  registerProjectHooks(server, { resolve, limits, authenticate: useCases.authenticate, vouched })
  registerCaptcha(server, useCases.checkCaptcha)
  const canonicalHost = new CanonicalHost(urls, config.publicUrl)
  const flowCookie = new FlowCookie(config.publicUrl)
  registerProjectRoutes(server, useCases)
  const pages = new HostedPages(useCases, {
    flowCookie, clock, urls, cookies: new PageCookies(config.publicUrl, entropy),
    elsewhere: (request, project) => canonicalHost.elsewhere(request, project),
    admitChange: async (project, userId) => {
      await limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, 'change_account'), subject: userId }])
    },
    admitMail: async (project, ip) => {
      await limits.enforce(project.scope.projectId, [{ limit: limitAsSet(project, 'mail_client'), subject: addressForLimits(ip) }])
    },
  })
  registerPages(server, useCases, pages, { entropy, box })
  registerPortico(server, useCases, {
    transport: new SessionTransport(config.publicUrl),
    mail: new MailDelivery(config.emailConfigured),
    flowCookie,
    canonicalHost,
    pages,
  })
  registerScim(server, useCases, {
    limits,
    throttle: new DirectoryThrottle(clock),
    authUrl: (projectId) => authUrl(config.publicUrl, projectId),
  })
  registerHealth(server, {
    master_key: { required: true, check: () => masterKey.run(), why: masterKeyProblem },
    pooler: { required: true, check: () => pooler.run(), why: connectionProblem },
    postgres: { required: true, check: () => database.ping(), why: connectionProblem },
    ...(config.redisUrl === null ? {} : { redis: { required: false, check: () => limits.ping(), why: storeProblem } }),
  }, (part, why) => logger.warn({ part, why }, 'not ready'))
  const metrics = collectMetrics(server, { service: 'data-plane', topProjects: config.observability.topProjects })
  attempts.meter(metrics)
  metrics.gauge('portico_password_hashes_waiting', 'Password hashes that wait for a core.', () => hasher.stats().waiting)
  metrics.gauge('portico_password_hashes_refused', 'Password hashes refused since the start.', () => hasher.stats().refused)
  metrics.gauge('portico_projects_cached', 'Project records in memory.', () => directory.size)
  metrics.gauge('portico_changed_users', 'Users that changed within the life of an access token.', () => changedUsers.size, 'max')
  metrics.gauge('portico_change_feed_heard', 'Whether changes of other processes are being heard.', () => (feed.heard ? 1 : 0), 'min')
  metrics.gauge('portico_database_connections', 'Open database connections.', () => database.stats().total)
  metrics.gauge('portico_database_waiting', 'Callers that wait for a connection.', () => database.stats().waiting)
  registerOpenApi(server, { file: openApiFile(), builtFile: fileURLToPath(new URL('openapi.json', import.meta.url)) })
  const onClockError = (error: unknown) => logger.warn({ err: error }, 'the test clock was not read')
  const testClock = config.testClock && clock instanceof MovableClock
    ? new SharedTestClock(new PlatformSql(database), clock, onClockError)
    : null
  if (testClock) {
    registerTestClock(server, testClock)
    // A clock that was handed in is moved by whoever did.
    if (!given.clock) await testClock.start()
  }

  await opened

  return {
    app,
    metrics,
    metricsServer: createMetricsServer(metrics.registry, logger),
    stopSteps: [
      { name: 'test clock', run: () => testClock?.stop() },
      { name: 'change feed', run: () => feed.stop() },
      { name: 'hash meter', run: () => hashMeter.stop() },
      { name: 'limits', run: () => limits.close() },
      { name: 'counters', run: () => counters?.close() },
      { name: 'database', run: () => database.close() },
    ],
  }
}

function threadPoolSize(): number {
  const size = Number(process.env['UV_THREADPOOL_SIZE'])
  return Number.isInteger(size) && size > 0 ? size : 4
}

/** The same file from the sources and from `dist`. */
function openApiFile(): string {
  const paths = ['../../openapi/data-plane.yaml', '../../../openapi/data-plane.yaml']
  const candidates = paths.map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return candidates.find((path) => existsSync(path)) ?? candidates[0] ?? ''
}
