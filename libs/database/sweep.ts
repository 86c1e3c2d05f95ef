import type { PlatformSql } from './platform-sql.js'

/** One bounded round over what signing in leaves behind: mailed challenges, flows, codes. Answers how many rows went. */
export async function sweepSignIn(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_sign_in', text: 'select auth.sweep_sign_in($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** The same over spent and forgotten passkey challenges and sign-ins that never got their second factor. */
export async function sweepFactors(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_factors', text: 'select auth.sweep_factors($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** The same over people whom directories deleted, and the logs of directories. */
export async function sweepDirectories(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const text = 'select auth.sweep_directories($1, $2) as gone'
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_directories', text, values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}

/** One bounded round; answers how many rows went. */
export async function sweepExpired(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const rows = await sql.run<{ gone: string }>({ name: 'sweep_expired', text: 'select auth.sweep_expired($1, $2) as gone', values: [now, limit] })
  return Number(rows[0]?.gone ?? 0)
}
