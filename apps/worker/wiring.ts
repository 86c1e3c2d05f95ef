import { roleDatabaseUrl } from '@portico/config/role-database-url'
import type { WorkerConfig } from '@portico/config/worker-config'
import { hmacSha256 } from '@portico/crypto/hmac'
import { MasterKeyCanary, WrongMasterKeyError } from '@portico/crypto/master-key-canary'
import { deriveRolePasswords } from '@portico/crypto/role-password'
import { SealedBox } from '@portico/crypto/sealed-box'
import { digestToken } from '@portico/crypto/token-digest'
import { ChangeFeed } from '@portico/database/change-feed'
import { Database } from '@portico/database/database'
import { MasterKeyCheck, masterKeyProblem } from '@portico/database/master-key-check'
import { outboxBacklog } from '@portico/database/outbox'
import { PlatformSql } from '@portico/database/platform-sql'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { connectionProblem } from '@portico/database/connection-problem'
import { PoolerCheck } from '@portico/database/pooler-check'
import { roleConnection } from '@portico/database/role-connection'
import { SharedTestClock } from '@portico/database/shared-test-clock'
import { CallHook } from '@portico/end-user/steps/hooks/call-hook'
import { IssueMail } from '@portico/end-user/steps/mail/issue-mail'
import { registerHealth } from '@portico/http/health'
import { createHttpServer } from '@portico/http/http-server'
import { collectMetrics, serveMetrics } from '@portico/http/metrics'
import type { Logger } from '@portico/http/request-log'
import { registerTestClock } from '@portico/http/test-clock'
import { FollowingClock, MovableClock, type Clock } from '@portico/kernel/clock'
import { systemEntropy } from '@portico/kernel/entropy'
import { AdvanceRotation } from '@portico/platform/auth-service/advance-rotation'
import { RateLimits } from '@portico/rate-limit/rate-limiter'
import { advanceRotations } from './advance-rotations.js'
import { CountedMailBudget } from './counted-mail-budget.js'
import { EmailProcessor } from './email.processor.js'
import { KnownMailShares } from './known-mail-shares.js'
import { MailHook } from './mail-hook.js'
import { MailSenders } from './mail-senders.js'
import { assertAnswers, openQueue } from './open-queue.js'
import { OutboxRelay } from './outbox-relay.js'
import { startMetering } from './metering/start-metering.js'
import { startWebhooks } from './webhooks/start-webhooks.js'
import { runPeriodically } from './periodic.js'
import { startDomainChecks, type DomainCheckTimes } from './start-domain-checks.js'
import { sweepAll } from './sweep-expired.js'

export interface WorkerParts extends DomainCheckTimes {
  config: WorkerConfig
  logger: Logger
  /** Mails with the provider at once, and bundles in work. Default 8. */
  concurrency?: number
  printLine?: (line: string) => void
  /** Between two tries of a refused sender. */
  probeMs?: number
  /** How long what became of a project's mails is remembered. */
  sharesMs?: number
  /** Between two looks for mails that are due. */
  pollMs?: number
  /** Between two looks at what changed elsewhere, in milliseconds. */
  changeFeedMs?: number
  clock?: Clock
}

export interface Worker {
  server: ReturnType<typeof createHttpServer>
  /** In this order, after readiness is off. */
  stopSteps: { name: string; run: () => Promise<unknown> }[]
}

const SWEEP_MS = 60_000
const ROTATION_MS = 5_000
const IN_FLIGHT_MS = 10_000

/** Builds the worker and starts its work; the HTTP server (health and metrics) is left to listen. Waits for PostgreSQL. */
export async function startWorker({
  config,
  logger,
  concurrency = 8,
  printLine = console.log,
  ...given
}: WorkerParts): Promise<Worker> {
  const { clock: ownClock, probeMs, sharesMs, pollMs, changeFeedMs, ...times } = given
  const clock: Clock = ownClock ?? (config.testClock ? new MovableClock() : new FollowingClock())
  const masterKeys = { current: config.masterKey, previous: config.previousMasterKey ?? undefined }
  const role = `${config.databaseRolePrefix}_worker`
  const passwords = deriveRolePasswords(config, role)
  const connection = roleConnection(roleDatabaseUrl(config.databaseUrl, role, passwords[0]), passwords)
  const pooler = new PoolerCheck(connection)
  await pooler.run()
  const database = new Database({
    ...connection,
    poolSize: config.databasePoolSize,
    applicationName: 'portico-worker',
    onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const sql = new PlatformSql(database)
  const feed: ChangeFeed = new ChangeFeed({
    ...connection,
    applicationName: 'portico-worker-changes',
    intervalMs: changeFeedMs,
    clock: clock instanceof FollowingClock ? clock : undefined,
    onWrongClock: (milliseconds) => logger.warn({ milliseconds }, 'the clock was put right by that of PostgreSQL'),
    onProjectChanged: (projectId) => directory.invalidate(projectId),
    onMissed: () => directory.invalidateAll(),
    onSilent: (error) => logger.warn({ err: error }, 'the change feed fell silent'),
  })
  const directory = new ProjectDirectory(database, { heardAt: () => feed.heardAt })
  // On connections of their own: a round of mails holds one while it counts.
  const counters = new Database({
    ...connection,
    poolSize: 2,
    applicationName: 'portico-worker-limits',
    onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  })
  const counterSql = new PlatformSql(counters)
  const limits = new RateLimits({
    store:
      config.redisUrl === null
        ? { kind: 'postgres', query: (statement) => counterSql.run(statement) }
        : { kind: 'redis', url: config.redisUrl },
    hashKey: (subject) => digestToken(subject).toString('base64url'),
    clock,
    onStoreChange: (state, cause) => logger.warn({ state, err: cause }, 'the counter store changed'),
  })
  const db = new ProjectDb(database)
  const direct = { ...connection, connectionString: roleDatabaseUrl(config.directDatabaseUrl, role, passwords[0]) }
  const queue = await openQueue(config, direct, logger)
  const relay = new OutboxRelay({ sql, queue, clock, logger, ...(pollMs !== undefined && { pollMs }) })

  const server = createHttpServer({ logger, maxInFlight: 50, maxConnections: 100 })
  const canary = new MasterKeyCanary(masterKeys)
  const masterKey = new MasterKeyCheck(
    sql,
    (sealed) => canary.opens(sealed),
    () => logger.fatal({ err: new WrongMasterKeyError() }, 'wrong master key'),
  )
  registerHealth(server, {
    master_key: { required: true, check: () => masterKey.run(), why: masterKeyProblem },
    pooler: { required: true, check: () => pooler.run(), why: connectionProblem },
    postgres: { required: true, check: () => database.ping(), why: connectionProblem },
    queue: { required: false, check: () => assertAnswers(queue) },
  }, (part, why) => logger.warn({ part, why }, 'not ready'))
  const metrics = collectMetrics(server, { service: 'worker' })
  serveMetrics(server, metrics.registry)
  const mails = metrics.counter('portico_mails_total', 'Mails by what became of a try.', ['result', 'reason'])
  const backlog = shared(() => outboxBacklog(sql, clock.now()))
  metrics.gauge('portico_outbox_waiting', 'Mails that wait to be sent.', async () => (await backlog()).waiting)
  metrics.gauge('portico_outbox_dead', 'Mails given up, kept for an operator.', async () => (await backlog()).dead)
  metrics.gauge('portico_outbox_oldest_seconds', 'Age of the oldest mail that waits.', async () => (await backlog()).oldestSeconds)
  metrics.gauge(
    'portico_queue_waiting',
    'Bundles of mails in the queue; NaN when it does not answer.',
    async () => (await queue.health()).waiting ?? NaN,
  )
  const testClock =
    clock instanceof MovableClock
      ? new SharedTestClock(sql, clock, (error) => logger.warn({ err: error }, 'the test clock was not read'))
      : null
  if (testClock) {
    registerTestClock(server, testClock)
    // A clock that was handed in is moved by whoever did.
    if (!ownClock) await testClock.start()
  }

  const shares = new KnownMailShares(
    new ProjectDb(counters),
    clock,
    (error) => logger.warn({ err: error }, 'that the mails of a project are held down cannot be noted'),
    sharesMs,
  )
  const mayFallBack = async ({ scope }: { scope: ProjectScope }) => (await shares.of(scope)) === 1
  const senders = new MailSenders({ config, logger, probeMs, sql, clock, mayFallBack })
  metrics.gauge('portico_mail_sender_failing', 'Whether the sender of the installation is refused.', () => (senders.failing ? 1 : 0))
  const box = new SealedBox(masterKeys)
  const callHook = new CallHook(db, box, clock, systemEntropy, { allowLoopback: config.allowLoopbackProviders })
  const mailHook = new MailHook(callHook, (project) => senders.of(project))
  const processor = new EmailProcessor({
    directory,
    db,
    // A key of its own: what signs mailed tokens must not be what seals secrets.
    issueMail: new IssueMail(
      db,
      clock,
      hmacSha256(config.masterKey, 'portico/one-time-token'),
      hmacSha256(config.masterKey, 'portico/email-code'),
      new CountedMailBudget(limits, config.mailsPerRecipientAndDay, hmacSha256(config.masterKey, 'portico/mail-recipient'), (scope) =>
        shares.of(scope),
      ),
    ),
    sendersOf: (project) => mailHook.of(project),
    clock,
    entropy: systemEntropy,
    logger,
    dataPlanePublicUrl: config.dataPlanePublicUrl,
    devInbox: config.devInbox,
    concurrency,
    printLine,
    // Without what a customer's mail server adds to its reply: `smtp_550`, whatever follows.
    count: (result, reason) => mails.inc({ result, reason: reason.replace(/^(smtp_\d{3})_.*$/, '$1') }),
  })

  await feed.start()
  const jobs = queue.startWorker((mails) => processor.process(mails), { concurrency })
  relay.start()
  const domains = startDomainChecks({ config, sql, db, directory, clock, logger }, times)
  const outside = { connection: direct, masterKeys, allowLoopback: config.allowLoopbackProviders, clock, logger }
  const webhooks = startWebhooks({ ...outside, metrics })
  const metering = startMetering({ ...outside, onHandedOn: webhooks.wake })
  const sweeping = runPeriodically('sweep', SWEEP_MS, logger, (isStopping) => sweepAll(sql, clock, isStopping))
  const advanceRotation = new AdvanceRotation(db, clock)
  const rotating = runPeriodically('rotations', ROTATION_MS, logger, (isStopping) =>
    advanceRotations({ sql, directory, logger, advance: (scope) => advanceRotation.execute(scope) }, isStopping),
  )

  return {
    server,
    stopSteps: [
      { name: 'test clock', run: async () => testClock?.stop() },
      { name: 'relay', run: () => relay.stop() },
      { name: 'metering', run: () => metering.stop() },
      { name: 'webhooks', run: () => webhooks.stop() },
      {
        name: 'mails in work',
        run: () => {
          processor.stop()
          return jobs.stop(IN_FLIGHT_MS)
        },
      },
      { name: 'periodic tasks', run: () => Promise.all([sweeping.stop(), rotating.stop(), domains.stop()]) },
      { name: 'queue', run: () => queue.close() },
      { name: 'senders', run: async () => senders.close() },
      { name: 'change feed', run: () => feed.stop() },
      { name: 'limits', run: () => limits.close() },
      { name: 'database', run: () => Promise.all([database.close(), counters.close()]) },
    ],
  }
}

/** Gauges that are read together share one query. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= read().finally(() => {
      running = null
    })
    return running
  }
}
