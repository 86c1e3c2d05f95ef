import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '@portico/kernel/entropy'
import { Client } from 'pg'

// The key that `prisma migrate deploy` takes, so that both may run against one database.
const ADVISORY_LOCK = 72707369
const LOCK_TIMEOUT_MS = 60_000
const SCRAM_ITERATIONS = 4096

export interface MigrateOptions {
  /** Connection string of the owner of the schemas; it needs CREATEROLE (or the roles must exist and be its own). */
  url: string
  /** Folder of `<time>_<change>/migration.sql`. */
  migrationsDir: string
  /** Role name to password, set after the migrations; the roles must exist by then. */
  rolePasswords: Record<string, string>
}

export interface MigrateResult {
  /** Names applied by this call, in order; empty when the database was up to date. */
  applied: string[]
  /** Applied earlier but not in the folder: a newer release has migrated this database. */
  unknown: string[]
}

interface Migration {
  name: string
  sql: string
  checksum: string
}

interface AppliedRow {
  migration_name: string
  checksum: string
  finished: boolean
}

/**
 * Applies what is missing, one transaction per file, recorded in Prisma's own table so that `prisma migrate deploy` stays usable.
 * Concurrent calls wait for each other. Throws an Error naming the migration when one fails, when an applied one was edited, or when
 * another tool left one half done; nothing of a failed file remains.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const migrations = await readMigrations(options.migrationsDir)
  const client = new Client({ connectionString: options.url, connectionTimeoutMillis: 10_000, application_name: 'portico-migrate' })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    await client.query('reset lock_timeout')
    await createMigrationsTable(client)
    const rows = await client.query<AppliedRow>(
      'select migration_name, checksum, finished_at is not null as finished from public._prisma_migrations where rolled_back_at is null',
    )
    const byName = new Map(rows.rows.map((row) => [row.migration_name, row]))
    const applied: string[] = []
    for (const migration of migrations) {
      const row = byName.get(migration.name)
      if (row) refuseIfDifferent(migration, row)
      else {
        await apply(client, migration)
        applied.push(migration.name)
      }
    }
    for (const [role, password] of Object.entries(options.rolePasswords)) await setPassword(client, role, password)
    const known = new Set(migrations.map((migration) => migration.name))
    return { applied, unknown: [...byName.keys()].filter((name) => !known.has(name)).toSorted() }
  } finally {
    // Ending the session releases the advisory lock.
    await client.end()
  }
}

async function readMigrations(migrationsDir: string): Promise<Migration[]> {
  const entries = await readdir(migrationsDir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const content = await readFile(join(migrationsDir, name, 'migration.sql'))
      return { name, sql: content.toString('utf8'), checksum: Buffer.from(await crypto.subtle.digest('SHA-256', content)).toString('hex') }
    }),
  )
}

async function createMigrationsTable(client: Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>("select to_regclass('public._prisma_migrations') is not null as found")
  if (rows[0]?.found) return
  await client.query(`create table public._prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`)
}

function refuseIfDifferent(migration: Migration, row: AppliedRow): void {
  if (!row.finished) {
    throw new Error(`Migration ${migration.name} was started by another tool and never finished. Repair the database, then mark it with \`prisma migrate resolve\`.`)
  }
  if (row.checksum !== migration.checksum) {
    throw new Error(`Migration ${migration.name} was changed after it was applied. Restore the file and put the change into a new migration.`)
  }
}

async function apply(client: Client, migration: Migration): Promise<void> {
  const startedAt = new Date()
  await client.query('begin')
  try {
    await client.query(migration.sql)
    await client.query(
      `insert into public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [systemEntropy.uuid(), migration.checksum, migration.name, startedAt],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw new Error(`Migration ${migration.name} failed${describe(error, migration.sql)}`, { cause: error })
  }
}

function describe(error: unknown, sql: string): string {
  const { message, position, detail, hint, where } = error as { message: string; position?: string; detail?: string; hint?: string; where?: string }
  const line = position === undefined ? '' : ` at line ${sql.slice(0, Number(position)).split('\n').length}`
  return `${line}: ${[message, detail, hint, where].filter(Boolean).join('\n  ')}`
}

async function setPassword(client: Client, role: string, password: string): Promise<void> {
  const statement = `alter role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(await scramVerifier(password))}`
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statement)
      return
    } catch (error) {
      // Roles belong to the server, the lock above to one database: a migration of a neighbouring database can be in the way.
      const concurrent = /tuple concurrently updated/.test((error as Error).message)
      if (!concurrent || attempt === 5) throw new Error(`The password of role ${role} could not be set: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** RFC 5803 form, as `pg_authid` stores it: with it the password itself never reaches the server's log or statistics. */
async function scramVerifier(password: string): Promise<string> {
  const salt = systemEntropy.bytes(16)
  const key = await crypto.subtle.importKey('raw', Buffer.from(password), 'PBKDF2', false, ['deriveBits'])
  const salted = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: SCRAM_ITERATIONS }, key, 256)
  const saltedKey = await crypto.subtle.importKey('raw', salted, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const clientKey = await crypto.subtle.sign('HMAC', saltedKey, Buffer.from('Client Key'))
  const serverKey = await crypto.subtle.sign('HMAC', saltedKey, Buffer.from('Server Key'))
  const storedKey = await crypto.subtle.digest('SHA-256', clientKey)
  const base64 = (bytes: ArrayBuffer | Buffer) => Buffer.from(bytes as ArrayBuffer).toString('base64')
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`
}
