import type { PlatformSql } from '@portico/database/platform-sql'

/** One round; `null` when another worker is at it. */
export async function handOnEvents(
  sql: PlatformSql,
  round: { limit: number; now: Date; webhookTypes: readonly string[] },
): Promise<number | null> {
  const [row] = await sql.run<{ handed: number | null }>({
    name: 'hand_on_events',
    text: 'select auth.hand_on_events($1, $2, $3) as handed',
    values: [round.limit, round.now, round.webhookTypes],
  })
  return row?.handed ?? null
}
