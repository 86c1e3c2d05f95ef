import type { Client } from 'pg'

/** Whether this is the coordinator of a Citus cluster. */
export async function isClustered(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>("select exists (select from pg_extension where extname = 'citus') as found")
  return rows[0]?.found === true
}

/**
 * A migration for a cluster: a new table of a project may refer to what is shared out before it is shared out itself, where Citus does not
 * look at the statement that makes it. `prisma/citus.sql` shares it out afterwards, with its keys.
 */
export function referringFirst(sql: string): string {
  return sql.replaceAll(
    /^create table auth\.\w+ \([\s\S]*?^\)[^;\n]*;/gm,
    (statement) => `set local citus.enable_ddl_propagation = off;\n${statement}\nset local citus.enable_ddl_propagation = on;`,
  )
}
