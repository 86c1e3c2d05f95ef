import type { AuditEvent } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { formatId } from '@portico/kernel/ids'
import type { PageRequest } from '@portico/kernel/paging'
import type { KeyRow } from './signing-key.store.js'

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

type DoneBy = Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'>

export interface NewInstance {
  id: string
  name: string | null
  metadata: Record<string, unknown>
  reads: readonly string[] | null
}

/** What the environment of the booted instance is made of, as of its boot. */
export interface Boot {
  envVersion: number
  enabled: boolean
  keys: Pick<KeyRow, 'kid' | 'alg' | 'state' | 'sealed' | 'retiredAt' | 'verifyUntil'>[]
  variables: { name: string; sealed: Buffer }[]
  rotation: { fromKid: string; toKid: string; newStandbyKid: string } | null
  /** The main domain where tokens name it. */
  issuerHost: string | null
}

interface RawBoot {
  env_version: number
  enabled: boolean
  keys: {
    kid: string
    alg: KeyRow['alg']
    state: KeyRow['state']
    sealed: string
    retired_at: string | null
    verify_until: string | null
  }[]
  variables: { name: string; sealed: string }[]
  rotation_from: string | null
  rotation_to: string | null
  rotation_standby: string | null
  issuer_host: string | null
}

/** Registers the instance and writes the audit row, in one trip to the database; `null` when the project is gone. */
export async function bootInstance(db: ProjectDb, scope: ProjectScope, instance: NewInstance, by: DoneBy, now: Date): Promise<Boot | null> {
  const caller = { ...by.actor, ip: by.ip, user_agent: by.userAgent, instance: formatId('inst', instance.id) }
  const [row] = await db.call<RawBoot>(scope, {
    name: 'boot_instance',
    text: `select env_version, enabled, keys, variables, rotation_from, rotation_to, rotation_standby, issuer_host
      from auth.boot_instance($1, $2, $3, $4, $5, $6, $7)`,
    values: [instance.id, instance.name, JSON.stringify(instance.metadata), now, instance.reads, JSON.stringify(caller)],
    writesEvents: true,
  })
  if (!row) return null
  const instant = (text: string | null) => (text === null ? null : new Date(text))
  const { rotation_from: fromKid, rotation_to: toKid, rotation_standby: newStandbyKid } = row
  return {
    envVersion: row.env_version,
    enabled: row.enabled,
    keys: row.keys.map((key) => ({
      kid: key.kid,
      alg: key.alg,
      state: key.state,
      sealed: Buffer.from(key.sealed, 'base64'),
      retiredAt: instant(key.retired_at),
      verifyUntil: instant(key.verify_until),
    })),
    variables: row.variables.map(({ name, sealed }) => ({ name, sealed: Buffer.from(sealed, 'base64') })),
    rotation: fromKid !== null && toKid !== null && newStandbyKid !== null ? { fromKid, toKid, newStandbyKid } : null,
    issuerHost: row.issuer_host,
  }
}

/** Notes that the instance runs, and what it reads when it says so. `null` when the project has no such running instance. */
export async function heartbeatInstance(
  db: ProjectDb,
  scope: ProjectScope,
  { id, reads }: { id: string; reads: readonly string[] | null },
  now: Date,
): Promise<{ envVersion: number; latestEnvVersion: number; rotationOpen: boolean } | null> {
  const [row] = await db.call<{ env_version: number; latest_env_version: number; rotation_open: boolean }>(scope, {
    name: 'heartbeat_instance',
    text: 'select env_version, latest_env_version, rotation_open from auth.heartbeat_instance($1, $2, $3, $4)',
    values: [id, now, reads],
  })
  return row ? { envVersion: row.env_version, latestEnvVersion: row.latest_env_version, rotationOpen: row.rotation_open } : null
}
