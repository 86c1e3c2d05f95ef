import { randomUUID } from 'node:crypto'
import { readWorkerConfig, type WorkerConfig } from '@portico/config/worker-config'
import { Database } from '@portico/database/database'
import { ProjectDb } from '@portico/database/project-db'
import { ProjectDirectory, type ProjectRecord } from '@portico/database/project-directory'
import { createLogger } from '@portico/http/request-log'
import { Writable } from 'node:stream'
import { createTestDatabase, forServices, testMasterKey, type TestDatabase } from './postgres.js'
import { connect, noteChange, seedProjects, type Connection } from './sql.js'

/** A migrated database with one serving project, and the rows that the mail path starts from and ends in. */
export interface MailFixture {
  database: TestDatabase
  owner: Connection
  projectId: string
  addUser(fields?: { email?: string; typed?: string; verified?: boolean; disabled?: boolean }): Promise<{ id: string; email: string }>
  /** An obligation as the planes write it; answers its id. */
  enqueue(kind: string, payload: Record<string, unknown>, options?: { projectId?: string; createdAt?: Date }): Promise<string>
  row(id: string): Promise<OutboxState>
  setSettings(settings: Record<string, unknown>): Promise<void>
  /** The database as a service of this role reaches it, and the project as it is now. The pool is closed with the fixture. */
  openAs(
    role: Parameters<TestDatabase['roleUrl']>[0],
    poolSize: number,
  ): Promise<{ database: Database; db: ProjectDb; project: ProjectRecord }>
  close(): Promise<void>
}

export interface OutboxState {
  status: string
  attempts: number
  provider_id: string | null
  last_error: string | null
  next_attempt_at: Date
  payload: Record<string, unknown>
}

export async function createMailFixture(): Promise<MailFixture> {
  const database = await createTestDatabase()
  const owner = await connect(database.url)
  const { projectIds } = await seedProjects(owner, 1)
  const projectId = projectIds[0] as string
  await owner.query('update auth.service set enabled = true, first_enabled_at = now() where project_id = $1', [projectId])
  const pools: Database[] = []
  return {
    database,
    owner,
    projectId,
    addUser: async ({ email = `${randomUUID()}@example.com`, typed = email, verified = false, disabled = false } = {}) => {
      const id = randomUUID()
      await owner.query(
        `insert into auth.end_user (project_id, id, email, email_typed, email_verified_at, disabled_at, created_at, updated_at)
         values ($1, $2, $3, $4, case when $5 then now() end, case when $6 then now() end, now(), now())`,
        [projectId, id, email, typed, verified, disabled],
      )
      return { id, email }
    },
    enqueue: async (kind, payload, options = {}) => {
      const id = randomUUID()
      await owner.query(`insert into auth.outbox (project_id, id, kind, payload, created_at, next_attempt_at) values ($1, $2, $3, $4, $5, $5)`, [
        options.projectId ?? projectId,
        id,
        kind,
        JSON.stringify(payload),
        options.createdAt ?? new Date(),
      ])
      return id
    },
    row: async (id) => {
      const [row] = await owner.query<OutboxState>('select status, attempts, provider_id, last_error, next_attempt_at, payload from auth.outbox where id = $1', [id])
      if (!row) throw new Error('no such outbox row')
      return row
    },
    setSettings: async (settings) => {
      await owner.query('update auth.service set settings = $2 where project_id = $1', [projectId, JSON.stringify(settings)])
      await noteChange(owner, projectId)
    },
    openAs: async (role, poolSize) => {
      const pool = new Database({ connectionString: forServices(database.roleUrl(role)), poolSize, applicationName: 'test' })
      pools.push(pool)
      const project = await new ProjectDirectory(pool).resolve(projectId)
      if (!project) throw new Error('no project')
      return { database: pool, db: new ProjectDb(pool), project }
    },
    close: async () => {
      await Promise.all(pools.map((pool) => pool.close()))
      await owner.close()
      await database.drop()
    },
  }
}

/** The worker's configuration as its process would read it. */
export function workerConfig(database: TestDatabase, env: Record<string, string>): WorkerConfig {
  return readWorkerConfig({
    DATABASE_URL: forServices(database.url),
    DATABASE_DIRECT_URL: database.url,
    PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
    DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
    ...env,
  })
}

/** A logger whose lines can be read back. */
export function recordingLogger(): { logger: ReturnType<typeof createLogger>; lines: Record<string, unknown>[]; text: () => string } {
  const lines: Record<string, unknown>[] = []
  let text = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
      done()
    },
  })
  return { logger: createLogger({ service: 'worker', level: 'debug', destination }), lines, text: () => text }
}
