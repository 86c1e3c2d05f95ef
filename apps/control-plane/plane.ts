import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ControlPlaneConfig } from '@portico/config/control-plane-config'
import { roleDatabaseUrl } from '@portico/config/role-database-url'
import { hmacSha256 } from '@portico/crypto/hmac'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { MasterKeyCanary, WrongMasterKeyError } from '@portico/crypto/master-key-canary'
import { deriveRolePasswords } from '@portico/crypto/role-password'
import { SealedBox } from '@portico/crypto/sealed-box'
import { ChangeFeed } from '@portico/database/change-feed'
import { Database } from '@portico/database/database'
import { openPlatformDb } from '@portico/database/platform-db'
import { HashMeter } from '@portico/database/hash-meter'
import { MasterKeyCheck, masterKeyProblem } from '@portico/database/master-key-check'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import { connectionProblem } from '@portico/database/connection-problem'
import { PoolerCheck } from '@portico/database/pooler-check'
import { roleConnection } from '@portico/database/role-connection'
import { watched } from '@portico/database/watched-connection'
import { SharedTestClock } from '@portico/database/shared-test-clock'
import { ResendDomains } from '@portico/email/senders/resend-domains'
import { registerHealth } from '@portico/http/health'
import { collectMetrics } from '@portico/http/metrics'
import { createMetricsServer } from '@portico/http/metrics-server'
import { registerOpenApi } from '@portico/http/openapi-page'
import type { Logger } from '@portico/http/request-log'
import { fastifyOf } from '@portico/http/server-state'
import { createHttpApp } from '@portico/http/start-app'
import { registerTestClock } from '@portico/http/test-clock'
import { FollowingClock, MovableClock } from '@portico/kernel/clock'
import { systemEntropy } from '@portico/kernel/entropy'
import { domainDns, type DomainDns } from '@portico/platform/domains/domain-dns'
import { RateLimits, STORE_TIMEOUT_MS, storeProblem } from '@portico/rate-limit/rate-limiter'
import { AuditSigner } from '@portico/tokens/audit-signer'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyInstance } from 'fastify'
import { AppModule } from './app.module.js'
import { registerConsoleSignIn } from './console/sign-in.routes.js'
import { registerConsoleSite } from './console-site/console-site.routes.js'
import { registerDevInbox } from './dev-inbox/dev-inbox.routes.js'
import { registerEventStream } from './events/event-stream.routes.js'
import { allowLargeBodies } from './http/allow-large-bodies.js'
import { holderOf, mayStill, registerAuthentication } from './http/authenticate.hook.js'
import { NotedChanges, registerHeardEverywhere } from './http/heard-everywhere.hook.js'
import { registerDeviceLimits } from './device/device-limits.hook.js'
import { registerIdempotency } from './http/idempotency.hook.js'
import { registerResendEvents } from './mail/resend-events.routes.js'
import { senderProbe } from './mail/sender-probe.js'
import { KeyThrottle } from './http/key-throttle.js'
import { openReplica } from './open-replica.js'
import { makeUseCases, type UseCases } from './use-cases.js'

// From the compiled file in dist/, and from the source under a test runner.
const OPENAPI_CANDIDATES = ['../../../openapi/control-plane.yaml', '../../openapi/control-plane.yaml'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/** For tests: the world outside. */
export interface ControlPlaneOverrides {
  domainDns?: DomainDns
  /** Between two looks of every process at what changed, in milliseconds. */
  changeFeedMs?: number
  /** How long a list waits for a copy that is read from, in milliseconds. */
  replicaWaitMs?: number
}

export interface ControlPlane {
  app: NestFastifyApplication
  /** `GET /metrics`, for a listener of its own. */
  metricsServer: FastifyInstance
  useCases: UseCases
  /** Closes what is left when the server is closed: change feed, counters, pools. */
  close(): Promise<void>
}

/** Everything but listening: connections, use cases, hooks and routes. */
export async function createControlPlane(
  config: ControlPlaneConfig,
  logger: Logger,
  overrides: ControlPlaneOverrides = {},
): Promise<ControlPlane> {
  const role = `${config.databaseRolePrefix}_control`
  const passwords = deriveRolePasswords(config, role)
  const connection = watched(roleConnection(roleDatabaseUrl(config.databaseUrl, role, passwords[0]), passwords))
  const pooler = new PoolerCheck(connection)
  await pooler.run()
  const onError = (error: unknown) => logger.warn({ err: error }, 'a database connection was lost')
  const movable = config.testClock ? new MovableClock() : null
  const following = new FollowingClock()
  const clock = movable ?? following
  const masterKeys = { current: config.masterKey, previous: config.previousMasterKey ?? undefined }
  const box = new SealedBox(masterKeys)
  const canary = new MasterKeyCanary(masterKeys)

  const database = new Database({
    ...connection,
    poolSize: config.databasePoolSize,
    applicationName: 'portico-control-plane',
    onIdleError: onError,
  })
  const platformDb = openPlatformDb(connection, { poolSize: config.databasePoolSize })
  const platformSql = new PlatformSql(database)
  const primary = { primary: database, platformDb, watch: connection.watch, logger, waitMs: overrides.replicaWaitMs }
  const replica = openReplica(config, { role, passwords }, primary)
  const masterKey = new MasterKeyCheck(
    platformSql,
    (sealed) => canary.opens(sealed),
    () => logger.fatal({ err: new WrongMasterKeyError() }, 'wrong master key'),
  )
  const feed: ChangeFeed = new ChangeFeed({
    ...connection,
    applicationName: 'portico-control-plane-changes',
    intervalMs: overrides.changeFeedMs,
    clock: following,
    onWrongClock: (milliseconds) => logger.warn({ milliseconds }, 'the clock was put right by that of PostgreSQL'),
    onProjectChanged: (projectId) => directory.invalidate(projectId),
    onMissed: () => directory.invalidateAll(),
    onSilent: (error) => logger.warn({ err: error }, 'the change feed fell silent'),
  })
  const directory = new ProjectDirectory(database, { heardAt: () => feed.heardAt })
  const hashMeter = new HashMeter(platformSql, clock, onError)
  hashMeter.start()
  const noted = new NotedChanges(overrides.changeFeedMs)
  const subjectKey = box.deriveSubkey('rate-limit-subject')
  const limits = new RateLimits({
    store: config.redisUrl
      ? { kind: 'redis', url: config.redisUrl }
      : {
          kind: 'postgres',
          query: (statement) => database.shared(() => platformSql.run<Record<string, unknown>>(statement)),
          waiting: (work) => database.waiting(work),
        },
    hashKey: (subject) => hmacSha256(subjectKey, subject).toString('base64url'),
    clock,
    onStoreChange: (state, cause) => {
      if (state === 'lost' && config.redisUrl === null) database.wasSlow(STORE_TIMEOUT_MS)
      logger.warn({ state, err: cause }, 'rate limit counters')
    },
  })
  const useCases = makeUseCases({
    platformDb,
    platformSql,
    projectDb: new ProjectDb(database, { onNoted: () => noted.noted() }),
    reading: {
      projectDb: new ProjectDb(replica.reads),
      platformSql: new PlatformSql(replica.reads),
      platformReads: replica.platformReads,
    },
    directory,
    box,
    auditSigner: new AuditSigner(config.masterKey),
    clock,
    entropy: systemEntropy,
    hasher: new PasswordHasher({ onWorked: hashMeter.add, require: () => database.requireThere() }),
    domainDns: overrides.domainDns ?? domainDns,
    publicUrl: config.publicUrl,
    dataPlanePublicUrl: config.dataPlanePublicUrl,
    emailConfigured: config.emailConfigured,
    senderProbe: senderProbe({ allowLoopback: config.allowLoopbackProviders, resendBaseUrl: config.resendBaseUrl ?? undefined }),
    providerDomains: config.resend && new ResendDomains(config.resend),
    allowLoopbackProviders: config.allowLoopbackProviders,
    console: config.console,
    onFault: (error) => logger.error({ err: error }, 'internal error'),
    limits,
  })
  await Promise.all([feed.start(), limits.ready(), masterKey.run().catch(() => undefined)])

  const app = await createHttpApp(AppModule.of(useCases), {
    logger,
    trustedProxyHops: config.trustedProxyHops,
    databaseTime: connection.watch,
    rewriteUrl: (request) => withBase(request.url ?? '/'),
  })
  const server = fastifyOf(app)
  allowLargeBodies(server)
  const metrics = collectMetrics(server, { service: 'control-plane' })
  const { authenticateApiKey: authenticate, console } = useCases
  const authentication = { authenticate, console: console.door, directory, limits, throttle: new KeyThrottle(clock) }
  registerAuthentication(server, authentication)
  registerIdempotency(server, useCases.idempotency, logger)
  registerDeviceLimits(server, limits)
  registerHeardEverywhere(server, noted)
  registerHealth(server, {
    master_key: { required: true, check: () => masterKey.run(), why: masterKeyProblem },
    pooler: { required: true, check: () => pooler.run(), why: connectionProblem },
    postgres: { required: true, check: () => database.ping(), why: connectionProblem },
    ...(config.redisUrl !== null && { redis: { required: false, check: () => limits.ping(), why: storeProblem } }),
  }, (part, why) => logger.warn({ part, why }, 'not ready'))
  registerOpenApi(server, {
    file: OPENAPI_CANDIDATES.find((file) => existsSync(file)) ?? OPENAPI_CANDIDATES[0]!,
    builtFile: fileURLToPath(new URL('openapi.json', import.meta.url)),
    publicUrl: `${config.publicUrl}/api/v1`,
  })
  registerConsoleSignIn(server, useCases, logger)
  registerConsoleSite(server, config.dataPlanePublicUrl)
  registerEventStream(server, { feed: useCases.eventFeed, directory, holderOf, mayStill: (request) => mayStill(request, authentication) })
  registerResendEvents(server, useCases, { secret: config.resendWebhookSecret, clock })
  if (config.devInbox) registerDevInbox(server, useCases, config.dataPlanePublicUrl)
  const testClock = movable && new SharedTestClock(platformSql, movable, onError)
  if (testClock) {
    registerTestClock(server, testClock)
    await testClock.start()
  }

  return {
    app,
    metricsServer: createMetricsServer(metrics.registry, logger),
    useCases,
    async close() {
      await testClock?.stop()
      await hashMeter.stop()
      await feed.stop()
      await limits.close()
      await platformDb.$disconnect()
      await Promise.all([database.close(), replica.close()])
    },
  }
}

/** `/v1` is another name of `/api/v1`. */
function withBase(url: string): string {
  return /^\/v1(?=[/?]|$)/.test(url) ? `/api${url}` : url
}
