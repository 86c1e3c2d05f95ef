import type { PlatformSql } from '@portico/database/platform-sql'

/** The sealed value that tells the right master key from a wrong one; `null` before the first migrate. */
export async function readCanary(sql: PlatformSql): Promise<Buffer | null> {
  const [row] = await sql.run<{ canary: Buffer }>({
    name: 'installation_canary',
    text: 'select canary from platform.installation',
    values: [],
  })
  return row?.canary ?? null
}

/** Changes nothing when another process has sealed it again meanwhile. */
export async function replaceCanary(sql: PlatformSql, before: Buffer, after: Buffer): Promise<void> {
  await sql.run({
    name: 'installation_replace_canary',
    text: 'update platform.installation set canary = $1 where canary = $2',
    values: [after, before],
  })
}
