import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemEntropy } from '@portico/kernel/entropy'
import { connectToOne } from '@portico/postgres/connect-to-one'
import { Client } from 'pg'
import { forCluster, isClustered, oneConnectionEach, onThisMachine } from './cluster-tables.js'
import { roleNames, type RoleNames } from './role-names.js'
import { setPassword } from './role-passwords.js'
import { describeSqlError } from './sql-error.js'
import { applyFunctions, type FunctionsResult } from './sql-functions.js'

// The key that `prisma migrate deploy` takes, so that both may run against one database.
const ADVISORY_LOCK = 72707369
const LOCK_TIMEOUT_MS = 60_000

export interface MigrateOptions {
  /** Connection string of the owner of the schemas; it needs CREATEROLE (or the roles must exist and be its own). */
  url: string
  /** Folder of `roles.sql`, `migrations/<time>_<change>/migration.sql` and `functions/<schema>.<name>.sql`. */
  prismaDir: string
  /**
   * Role name to password, set after the migrations; the roles must exist by then. While keys are rotated it hangs on which of them is in
   * use.
   */
  rolePasswords: Record<string, string> | ((masterKey: 'current' | 'previous') => Record<string, string>)
  /** What the roles' names begin with in this installation; the SQL files say `portico`. */
  rolePrefix?: string
  /** Holds the master key against the database's. Without it nothing is checked, and a new database gets no canary. */
  canary?: MasterKeyCanary
}

export interface MasterKeyCanary {
  seal(): Buffer
  /** Throws when it was sealed under neither key. */
  sealedUnder(canary: Buffer): 'current' | 'previous'
}

export interface MigrateResult extends FunctionsResult {
  /** Names of the migrations applied by this call, in order; empty when the database was up to date. */
  applied: string[]
  /** Applied earlier but not in the folder: a newer release has migrated this database. Its functions are left as they are. */
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
 * Applies the migrations that are missing and then the functions that changed, all in one transaction: running services see the old tables
 * with the old functions or the new with the new. Migrations are recorded in Prisma's own table so that `prisma migrate deploy` stays
 * usable. Concurrent calls wait for each other. Throws an Error naming the file when one fails, when an applied migration was edited, or
 * when another tool left one half done; then nothing of the call remains.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const names = roleNames(options.rolePrefix)
  const migrations = (await readMigrations(join(options.prismaDir, 'migrations'))).map((each) => ({ ...each, sql: names(each.sql) }))
  const client = await connect(options.url)
  try {
    let masterKey: 'current' | 'previous' = 'current'
    const result = await locked(client, async () => {
      await applyRoles(client, options.prismaDir, names)
      // Before everything else, so that a wrong key changes nothing.
      if (options.canary) masterKey = await checkCanary(client, options.canary)
      const { applied, unknown } = await applyMigrations(client, migrations)
      if (options.canary) await keepCanary(client, options.canary)
      // A newer release has been here: its functions stay.
      if (unknown.length > 0) return { applied, unknown, replaced: [], dropped: [] }
      // Their bodies name tables of this machine, which others would not know: `citus.sql` sends those that are asked elsewhere.
      const functions = await onThisMachine(client, () => applyFunctions(client, join(options.prismaDir, 'functions'), names))
      await shareOut(client, options.prismaDir, names)
      return { applied, unknown, ...functions }
    })
    await locked(client, async () => {
      const rolePasswords = typeof options.rolePasswords === 'function' ? options.rolePasswords(masterKey) : options.rolePasswords
      for (const [role, password] of Object.entries(rolePasswords)) await setPassword(client, role, password, options.url)
    })
    return result
  } finally {
    await client.end()
  }
}

/** The key that is in use. A new database is in use with the current one. */
async function checkCanary(client: Client, canary: MasterKeyCanary): Promise<'current' | 'previous'> {
  const { rows } = await client.query<{ found: boolean }>("select to_regclass('platform.installation') is not null as found")
  if (!rows[0]?.found) return 'current'
  const installation = await client.query<{ canary: Buffer }>('select canary from platform.installation')
  const sealed = installation.rows[0]?.canary
  return sealed ? canary.sealedUnder(sealed) : 'current'
}

async function keepCanary(client: Client, canary: MasterKeyCanary): Promise<void> {
  await client.query('insert into platform.installation (canary) values ($1) on conflict do nothing', [canary.seal()])
}

/** The roles alone, on the empty server that a backup is restored into. */
export async function createRoles(options: Pick<MigrateOptions, 'url' | 'prismaDir' | 'rolePrefix'>): Promise<void> {
  const client = await connect(options.url)
  try {
    await locked(client, () => applyRoles(client, options.prismaDir, roleNames(options.rolePrefix)))
  } finally {
    await client.end()
  }
}

/** Over the machines of a cluster, where there is one. */
async function shareOut(client: Client, prismaDir: string, names: RoleNames): Promise<void> {
  if (!(await isClustered(client))) return
  const sql = await readFile(join(prismaDir, 'citus.sql'), 'utf8')
  try {
    await client.query(names(sql))
  } catch (error) {
    throw new Error(`citus.sql failed${describeSqlError(error, sql)}`, { cause: error })
  }
}

async function connect(url: string): Promise<Client> {
  return connectToOne(url, (connectionString) => {
    const client = new Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'portico-migrate' })
    client.on('error', () => {})
    return client
  })
}

async function applyRoles(client: Client, prismaDir: string, names: RoleNames): Promise<void> {
  const sql = await readFile(join(prismaDir, 'roles.sql'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  await client.query(names(sql))
}

/** A lock of the transaction and not of the session: it also holds, and also ends, behind a pooler that shares out sessions. */
async function locked<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
    await client.query('set local lock_timeout to default')
    await oneConnectionEach(client)
    const result = await work()
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

async function applyMigrations(client: Client, migrations: Migration[]): Promise<Pick<MigrateResult, 'applied' | 'unknown'>> {
  await createMigrationsTable(client)
  const { rows } = await client.query<AppliedRow>(
    'select migration_name, checksum, finished_at is not null as finished from public._prisma_migrations where rolled_back_at is null',
  )
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = rows.map((row) => row.migration_name).filter((name) => !known.has(name)).toSorted()
  refuseFolded(unknown, migrations[0]?.name)
  const applied: string[] = []
  const clustered = await isClustered(client)
  for (const migration of migrations) {
    const row = rows.find((candidate) => candidate.migration_name === migration.name)
    if (row) refuseIfDifferent(migration, row)
    else {
      await apply(client, clustered ? { ...migration, sql: forCluster(migration.sql) } : migration)
      applied.push(migration.name)
    }
  }
  return { applied, unknown }
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

/** A folder begins with a baseline; what was applied before it is not in it, and no path leads from there. */
function refuseFolded(unknown: string[], first = ''): void {
  const folded = unknown.filter((name) => name < first)
  if (folded.length === 0) return
  throw new Error(
    `This database was made before ${first}, by migrations that are no longer kept (${folded.join(', ')}). It cannot be brought up to date: ` +
      'use an empty database (for `npm start`: move the data directory away).',
  )
}

function refuseIfDifferent(migration: Migration, row: AppliedRow): void {
  if (!row.finished) {
    throw new Error(
      `Migration ${migration.name} was started by another tool and never finished. Repair the database, then mark it with \`prisma migrate resolve\`.`,
    )
  }
  if (row.checksum !== migration.checksum) {
    throw new Error(`Migration ${migration.name} was changed after it was applied. Restore the file and put the change into a new migration.`)
  }
}

async function apply(client: Client, migration: Migration): Promise<void> {
  const startedAt = new Date()
  try {
    await client.query(migration.sql)
  } catch (error) {
    throw new Error(`Migration ${migration.name} failed${describeSqlError(error, migration.sql)}`, { cause: error })
  }
  await client.query(
    `insert into public._prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     values ($1, $2, $3, $4, clock_timestamp(), 1)`,
    [systemEntropy.uuid(), migration.checksum, migration.name, startedAt],
  )
}
