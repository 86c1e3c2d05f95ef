import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { deriveRolePassword } from '@portico/crypto/role-password'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@portico/dev-database/embedded-postgres'
import { migrate } from '@portico/database/migrate'
import { LIMIT_NAMES } from '@portico/kernel/settings/limits'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { startApp, type AppProcess, type StartAppOptions } from '../support/processes.js'
import { freePort, startRedis, type RedisServer } from '../support/redis-server.js'
import { connect, type Connection } from '../support/sql.js'
import { startFaultProxy, type FaultProxy } from './fault-proxy.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))

export interface FaultProject {
  id: string
  printedId: string
}

/** Where the owner reaches the server, and how it is ended. */
export type StageDatabase = Pick<EmbeddedPostgres, 'url' | 'port' | 'stop'>

export interface FaultStageOptions {
  redis?: boolean
  /** Added to the environment of every process. */
  env?: Record<string, string>
  /** Another server than the embedded one; `folder` is the stage's own, and gone with it. */
  database?: (folder: string) => Promise<StageDatabase>
  /** What more has to be there before the first process starts, knowing the server; its variables are added. */
  before?: (server: { url: string; folder: string; rolePasswords: Record<string, string> }) => Promise<StagePart>
  controlPort?: number
}

export interface StagePart {
  env: Record<string, string>
  stop: () => Promise<void>
}

const ownServer = (folder: string) => startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), settings: { max_connections: '200' } })

/** Real processes on a PostgreSQL, Redis and provider of their own, which may be broken. */
export class FaultStage {
  private constructor(
    readonly folder: string,
    private readonly env: Record<string, string>,
    private postgres: StageDatabase & Partial<Pick<EmbeddedPostgres, 'exited'>>,
    private redis: RedisServer | null,
    readonly proxy: FaultProxy,
    readonly provider: FakeResend,
    readonly apiKey: string,
    readonly control: AppProcess,
    private readonly part: StagePart | undefined,
  ) {}

  readonly apps: AppProcess[] = []
  /** Of `apps`, those that a run ended on purpose. */
  readonly killed = new Set<AppProcess>()

  static async open(options: FaultStageOptions = {}): Promise<FaultStage> {
    const folder = await mkdtemp(join(tmpdir(), 'portico-faults-'))
    await chmod(folder, 0o711)
    // Durable, as in production: what is acknowledged must survive an immediate stop.
    const postgres = await (options.database ?? ownServer)(folder)
    const masterKey = randomBytes(32)
    const roles = ['portico_data', 'portico_control', 'portico_worker']
    const rolePasswords = Object.fromEntries(roles.map((role) => [role, deriveRolePassword(masterKey, role)]))
    await migrate({ url: postgres.url, prismaDir: PRISMA, rolePasswords })
    const part = await options.before?.({ url: postgres.url, folder, rolePasswords })
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: postgres.port })
    const redisFolder = join(folder, 'redis')
    await mkdir(redisFolder)
    const redis = options.redis ? await startRedis({ dir: redisFolder }) : null
    if (options.redis && !redis) throw new Error('there is no redis-server')
    const provider = await startFakeResend()
    const apiKey = `msk_live_${randomBytes(32).toString('base64url')}`
    const through = new URL(postgres.url)
    through.port = String(proxy.port)
    const env = {
      DATABASE_URL: through.href,
      PORTICO_MASTER_KEY: masterKey.toString('base64'),
      PORTICO_BOOTSTRAP_API_KEY: apiKey,
      PORTICO_LOG_LEVEL: 'warn',
      TRUSTED_PROXY_HOPS: '1',
      DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
      RESEND_API_KEY: provider.apiKey,
      RESEND_FROM_APP_AUTH: 'Faults <faults@example.com>',
      RESEND_BASE_URL: provider.url,
      ...(redis ? { REDIS_URL: redis.url } : {}),
      ...part?.env,
      ...options.env,
    }
    const control = await startApp('control-plane', { env, ...(options.controlPort === undefined ? {} : { port: options.controlPort }) })
    const stage = new FaultStage(folder, env, postgres, redis, proxy, provider, apiKey, control, part)
    stage.apps.push(control)
    return stage
  }

  async start(app: 'data-plane' | 'worker', options: Pick<Partial<StartAppOptions>, 'env' | 'port' | 'nodeArgs'> = {}): Promise<AppProcess> {
    const running = await startApp(app, { ...options, env: { ...this.env, ...options.env }, port: options.port ?? (await freePort()) })
    this.apps.push(running)
    return running
  }

  async kill(app: AppProcess): Promise<void> {
    this.killed.add(app)
    app.signal('SIGKILL')
    await app.exited
  }

  /** An enabled project; without `limits` none of them is in the way. */
  async project(name: string, limits: 'off' | 'default' = 'off'): Promise<FaultProject> {
    const made = await this.api('POST', 'projects', { name })
    const high = Object.fromEntries(LIMIT_NAMES.map((limit) => [limit, { points: 1_000_000, window_seconds: 1 }]))
    await this.api('POST', `projects/${made.id}/auth`, limits === 'off' ? { limits: high } : {})
    return { printedId: made.id as string, id: (made.id as string).slice('proj_'.length) }
  }

  async api(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.control.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    return (JSON.parse(text) as { data: Record<string, unknown> }).data
  }

  /** As the owner, past the proxy. */
  async sql<T>(work: (owner: Connection) => Promise<T>): Promise<T> {
    const owner = await connect(this.postgres.url)
    try {
      return await work(owner)
    } finally {
      await owner.close()
    }
  }

  /** `fast` ends sessions and stops; `immediate` is a crash: it recovers from its log. */
  async restartPostgres(how: 'fast' | 'immediate', downMs: number): Promise<void> {
    if (how === 'fast') await this.postgres.stop()
    else {
      const pid = Number((await readFile(join(this.folder, 'postgres', 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
      process.kill(pid, 'SIGQUIT')
      await this.postgres.exited
    }
    await sleep(downMs)
    this.postgres = await ownServer(this.folder)
  }

  async stopRedis(): Promise<void> {
    await this.redis?.stop()
  }

  /** Empty, where it was. */
  async startRedisAgain(): Promise<void> {
    if (!this.redis) throw new Error('the stage has no Redis')
    this.redis = await startRedis({ dir: join(this.folder, 'redis'), port: this.redis.port })
  }

  /** Until no mail waits, or the time is over; answers the seconds it took. */
  async mailDrained(longestMs: number): Promise<{ seconds: number; waiting: number }> {
    const started = performance.now()
    let waiting = NaN
    while (performance.now() - started < longestMs) {
      waiting = await this.sql(
        async (owner) =>
          (await owner.query<{ n: number }>(`select count(*)::int as n from auth.outbox where status in ('pending', 'enqueued')`))[0]?.n ??
          NaN,
      )
      if (waiting === 0) break
      await sleep(200)
    }
    return { seconds: (performance.now() - started) / 1000, waiting }
  }

  async close(): Promise<void> {
    this.proxy.set({ kind: 'none' })
    this.provider.heal()
    await Promise.all(this.apps.map((app) => app.stop()))
    await this.proxy.close()
    await this.provider.close()
    await this.redis?.stop()
    await this.part?.stop()
    await this.postgres.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}
