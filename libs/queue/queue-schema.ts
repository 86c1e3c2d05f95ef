import { connectToOne } from '@portico/postgres/connect-to-one'
import { LateListenerClient } from '@portico/postgres/late-listener-client'
import { isPasswordRefused, type RolePasswords } from '@portico/postgres/role-passwords'
import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations, SchemaMigrationRequiredError } from 'bullmq'
import type { PgQueryable } from 'bullmq'

export interface QueueConnection {
  connectionString: string
  /** When the role may have several, while the master key is rotated. */
  passwords?: RolePasswords
}

/**
 * Brings BullMQ's tables in `schema` up to the version of the installed library. Safe to run from many processes at once.
 *
 * BullMQ's own `migrate: true` starts with `create schema if not exists`, for which PostgreSQL wants a right on the whole
 * database even when the schema is there. Our worker role owns the schema and nothing else, so that statement is left out then.
 */
export async function prepareQueueSchema({ connectionString, passwords, schema }: QueueConnection & { schema: string }): Promise<void> {
  const tried = passwords?.current
  const make = (url: string) =>
    new LateListenerClient({ connectionString: url, passwords, connectionTimeoutMillis: 2_000, application_name: 'portico-queue-schema' })
  const client = await connectToOne(connectionString, make).catch((error: unknown) => {
    if (tried !== undefined && isPasswordRefused(error)) passwords?.refused(tried)
    throw error
  })
  try {
    await client.query('set statement_timeout = 0')
    if ((await currentVersion(client, schema)) >= LATEST_SCHEMA_VERSION) return
    const found = await client.query<{ found: boolean }>('select exists (select from pg_namespace where nspname = $1) as found', [schema])
    await runMigrations(found.rows[0]?.found === true ? withoutCreateSchema(client) : client, schema)
  } finally {
    await client.end()
  }
}

async function currentVersion(client: LateListenerClient, schema: string): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, schema)
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0
    throw error
  }
}

function withoutCreateSchema(client: PgQueryable): PgQueryable {
  return {
    query: (text, params) =>
      /^create schema if not exists /i.test(text) ? Promise.resolve({ rows: [] }) : client.query(text, params),
  }
}
