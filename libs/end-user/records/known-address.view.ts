import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'

/** An address is known for as long as sessions of it are kept, at most for this. */
const KNOWN_SECONDS = 90 * DAY_SECONDS

/** Whether the person behind an address has signed in from this client address, or its /64, before. The same work for an unknown one. */
export async function hasSignedInFrom(
  db: ProjectDb,
  project: ProjectRecord,
  { address, ip, now }: { address: string; ip: string; now: Date },
): Promise<boolean> {
  const [row] = await db.call<{ known: boolean }>(project.scope, {
    name: 'signed_in_from',
    text: 'select auth.signed_in_from($1, $2, $3, $4) as known',
    values: [address, ip, addSeconds(now, -KNOWN_SECONDS)],
  })
  return row?.known ?? false
}
