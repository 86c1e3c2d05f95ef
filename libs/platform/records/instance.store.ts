import type { ProjectTx } from '@portico/database/project-db'
import type { PageRequest } from '../paging.js'

export interface InstanceRow {
  id: string
  name: string | null
  metadata: Record<string, unknown>
  /** The variables it reads, as it says itself; `null`: it never said. */
  reads: string[] | null
  envVersion: number
  bootedAt: Date
  lastSeenAt: Date
  endedAt: Date | null
}

interface RawInstance {
  id: string
  name: string | null
  metadata: Record<string, unknown>
  reads: string[] | null
  env_version: number
  booted_at: Date
  last_seen_at: Date
  ended_at: Date | null
}

const COLUMNS = 'id, name, metadata, reads, env_version, booted_at, last_seen_at, ended_at'

function toInstance(row: RawInstance): InstanceRow {
  return {
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    reads: row.reads,
    envVersion: row.env_version,
    bootedAt: row.booted_at,
    lastSeenAt: row.last_seen_at,
    endedAt: row.ended_at,
  }
}

/** Newest boot first. `liveSince`: only those that are not ended and were heard of after it. */
export async function listInstances(tx: ProjectTx, liveSince: Date | null, page: PageRequest): Promise<InstanceRow[]> {
  const rows = await tx.query<RawInstance>({
    name: 'instances_page',
    text: `select ${COLUMNS} from auth.instance
      where project_id = auth.current_project_id()
        and ($1::timestamptz is null or (ended_at is null and last_seen_at > $1))
        and ($2::timestamptz is null or booted_at < $2 or (booted_at = $2 and id > $3))
      order by booted_at desc, id limit $4 offset $5`,
    values: [liveSince, page.after?.at ?? null, page.after?.id ?? null, page.limit + 1, page.offset],
  })
  return rows.map(toInstance)
}

export async function countInstances(tx: ProjectTx, liveSince: Date | null): Promise<number> {
  const [row] = await tx.query<{ count: number }>({
    name: 'instances_count',
    text: `select count(*)::integer as count from auth.instance
      where project_id = auth.current_project_id() and ($1::timestamptz is null or (ended_at is null and last_seen_at > $1))`,
    values: [liveSince],
  })
  return row?.count ?? 0
}

/** The instance as ended; `null` when the project has no such instance. Ending twice keeps the first time. */
export async function endInstance(tx: ProjectTx, id: string, now: Date): Promise<InstanceRow | null> {
  const rows = await tx.query<RawInstance>({
    name: 'instance_end',
    text: `update auth.instance set ended_at = coalesce(ended_at, $2) where project_id = auth.current_project_id() and id = $1 returning ${COLUMNS}`,
    values: [id, now],
  })
  return rows[0] ? toInstance(rows[0]) : null
}
