import type { PlatformSql } from '@portico/database/platform-sql'

/** What became of mails, from the hour of `since` on. */
export async function rollUpMails(sql: PlatformSql, since: Date): Promise<void> {
  await sql.run({ name: 'roll_up_mails', text: 'select auth.roll_up_mails($1)', values: [since] })
}

/** @param day a day of UTC, as `2026-11-30` */
export async function rollUpActive(sql: PlatformSql, day: string): Promise<void> {
  await sql.run({ name: 'roll_up_active', text: 'select auth.roll_up_active($1)', values: [day] })
}

/** Answers how many projects were counted. */
export async function rollUpTotals(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const text = 'select auth.roll_up_totals($1, $2) as counted'
  const [row] = await sql.run<{ counted: number }>({ name: 'roll_up_totals', text, values: [now, limit] })
  return row?.counted ?? 0
}

export async function renewAttention(sql: PlatformSql, now: Date): Promise<void> {
  await sql.run({ name: 'renew_attention', text: 'select auth.renew_attention($1)', values: [now] })
}

/** One bounded round over counters past their time; answers how many rows went. */
export async function sweepCounts(sql: PlatformSql, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const text = 'select auth.sweep_counts($1, $2) as gone'
  const [row] = await sql.run<{ gone: string }>({ name: 'sweep_counts', text, values: [now, limit] })
  return Number(row?.gone ?? 0)
}

/** Up to when events are counted, and when tables were last counted; `null`: never. */
export async function rolledUpAt(sql: PlatformSql): Promise<{ eventsAt: Date | null; tablesAt: Date | null }> {
  const text = 'select events_at as "eventsAt", tables_at as "tablesAt" from auth.rolled_up_at()'
  const [row] = await sql.run<{ eventsAt: Date | null; tablesAt: Date | null }>({ name: 'rolled_up_at', text, values: [] })
  return row ?? { eventsAt: null, tablesAt: null }
}

/** Pauses and resumes sign-ups, and tells what was reached of a limit. */
export async function watchLimits(sql: PlatformSql, now: Date): Promise<void> {
  await sql.run({ name: 'watch_limits', text: 'select auth.watch_limits($1)', values: [now] })
}
