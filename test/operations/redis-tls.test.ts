import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDataPlaneConfig } from '@portico/config/data-plane-config'
import type { MailJob } from '@portico/queue/mail-job'
import { createMailQueue } from '@portico/queue/mail-queue'
import { RateLimits, type Limit } from '@portico/rate-limit/rate-limiter'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, signUp, startDataPlane } from '../support/data-plane.js'
import { createTestDatabase } from '../support/postgres.js'
import { startCluster, startNode, startSentinel, type RedisNode } from '../support/redis-shapes.js'
import { freePort } from '../support/redis-server.js'
import { testRedisUrl } from '../support/redis.js'
import { makeAuthority, type TestAuthority } from '../support/test-authority.js'

const LIMIT: Limit = { name: 'tried', points: 100, windowSeconds: 600 }

describe.skipIf(testRedisUrl() === null)('Redis over TLS, with an authority of its own', () => {
  let authority: TestAuthority
  let other: TestAuthority
  let folder: string
  let node: RedisNode
  let tls: string[]
  beforeAll(async () => {
    ;[authority, other] = await Promise.all([makeAuthority(), makeAuthority()])
    folder = await mkdtemp(join(tmpdir(), 'portico-redis-tls-'))
    const { keyFile, certFile } = await authority.issue('DNS:localhost', 'IP:127.0.0.1')
    tls = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', authority.caFile, '--tls-auth-clients', 'no']
    const port = await freePort()
    const args = ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder]
    node = await startNode(port, [...args, ...tls, '--requirepass', 'pw'], { password: 'pw', tls: { rejectUnauthorized: false } })
  })
  afterAll(async () => {
    await node?.kill()
    await Promise.all([authority?.drop(), other?.drop(), rm(folder, { recursive: true, force: true })])
  })

  /** As the services read it. */
  const urlOf = (url: string, caFile: string): string =>
    readDataPlaneConfig({
      DATABASE_URL: 'postgresql://db/portico',
      PORTICO_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      REDIS_URL: url,
      REDIS_CA_FILE: caFile,
    }).redisUrl!

  /** A mail goes through the queue, and a bucket is counted in the store. */
  async function works(url: string): Promise<void> {
    const errors: Error[] = []
    const queue = await createMailQueue({ redisUrl: url, onError: (error) => errors.push(error) })
    const seen: string[] = []
    const worker = queue.startWorker(async (jobs) => jobs.forEach(({ outboxId }) => seen.push(outboxId)), { concurrency: 1 })
    const limits = new RateLimits({ store: { kind: 'redis', url }, hashKey: (subject) => subject })
    await limits.ready()
    const job: MailJob = { outboxId: randomUUID(), projectId: randomUUID() }
    try {
      await expect.poll(() => queue.add([job]).then(() => 'added', () => 'refused'), { timeout: 10_000, interval: 100 }).toBe('added')
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual([job.outboxId])
      await limits.ping()
      expect((await limits.consume('p', LIMIT, 'a')).used).toBe(1)
      expect(errors).toEqual([])
    } finally {
      await worker.stop(1_000)
      await queue.close()
      await limits.close()
    }
  }

  test('one server', () => works(urlOf(`rediss://:pw@127.0.0.1:${node.port}/0`, authority.caFile)))

  // One after the other: `expect.poll` in a helper belongs to the test that runs.
  test('a cluster whose nodes speak TLS among themselves too', async () => {
    const args = [...tls, '--tls-cluster', 'yes', '--tls-replication', 'yes']
    const shape = await startCluster({ args, client: { tls: { rejectUnauthorized: false } } })
    await works(urlOf(shape.url, authority.caFile)).finally(() => shape.stop())
  })

  test('behind sentinels that speak TLS too', async () => {
    const shape = await startSentinel({ args: [...tls, '--tls-replication', 'yes'], client: { tls: { rejectUnauthorized: false } } })
    await works(urlOf(shape.url, authority.caFile)).finally(() => shape.stop())
  })

  test('an authority that did not sign it: nothing is sent, the plane works with counters of its own and says what is down', async () => {
    const url = urlOf(`rediss://:pw@127.0.0.1:${node.port}/0`, other.caFile)
    const database = await createTestDatabase()
    const lines: string[] = []
    const plane = await startDataPlane(database, { redisUrl: url, logTo: (line) => lines.push(line) })
    const project = await createTestProject(database)
    await signUp(plane.url + project.path)
    const { status, body } = await call(`${plane.url}/health/ready`)
    await plane.close()
    await database.drop()
    expect([status, body.checks.redis]).toEqual([200, 'down'])
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toContainEqual(
      expect.objectContaining({ msg: 'not ready', part: 'redis', why: 'the certificate was not accepted' }),
    )
  })

  test.each([
    ['redis://db:6379', '/etc/ca.pem', /REDIS_CA_FILE is for an address with TLS/],
    ['rediss://db:6379', '/nowhere/ca.pem', /REDIS_CA_FILE names a file that is not there/],
  ])('%s with %s is refused at the start', (url, file, problem) => {
    expect(() => urlOf(url, file)).toThrow(problem)
  })
})
