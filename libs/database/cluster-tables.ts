import type { Client } from 'pg'

/** Whether this is the coordinator of a Citus cluster. */
export async function isClustered(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>("select exists (select from pg_extension where extname = 'citus') as found")
  return rows[0]?.found === true
}

/**
 * One connection to each machine until the end of the transaction, so that what one statement has made there is seen by the next: Citus
 * refuses functions and roles behind statements that went to all shards at once.
 */
export async function oneConnectionEach(client: Client): Promise<void> {
  if (await isClustered(client)) await client.query("set local citus.multi_shard_modify_mode = 'sequential'")
}

/** `work` where Citus does not look: what it makes stays on this machine until `prisma/citus.sql` shares it out. */
export async function onThisMachine<T>(client: Client, work: () => Promise<T>): Promise<T> {
  if (!(await isClustered(client))) return work()
  await client.query(OFF)
  const result = await work()
  await client.query(ON)
  return result
}

/** Within `onThisMachine`: everywhere after all. */
export async function onEveryMachine(client: Client, work: () => Promise<void>): Promise<void> {
  const clustered = await isClustered(client)
  if (clustered) await client.query(ON)
  await work()
  if (clustered) await client.query(OFF)
}

const OFF = 'set local citus.enable_ddl_propagation = off'
const ON = 'set local citus.enable_ddl_propagation = on'

/** A new table of a project, which may refer to what is shared out before it is shared out itself. */
const NEW_TABLE = /^create table auth\.\w+ \([\s\S]*?^\)[^;\n]*;/gm
/** Rights by column, which Citus before 13.1 refuses on a shared table. */
const RIGHT_BY_COLUMN = /^(?:grant|revoke) [^;]*?\([^;]*? on auth\.\w+ (?:to|from) [^;]*;/gm

/** A migration for a cluster, with statements at which Citus must not look; `prisma/citus.sql` does their work afterwards. */
export function forCluster(sql: string): string {
  const unseen = (statement: string) => `${OFF};\n${statement}\n${ON};`
  return sql.replaceAll(NEW_TABLE, unseen).replaceAll(RIGHT_BY_COLUMN, unseen)
}
