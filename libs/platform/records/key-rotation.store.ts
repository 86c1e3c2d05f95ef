import type { PlatformSql } from '@portico/database/platform-sql'
import type { ProjectTx } from '@portico/database/project-db'

/** A staged rotation that has not switched yet. */
export interface RotationRow {
  fromKid: string
  toKid: string
  newStandbyKid: string
  startedAt: Date
  deadlineAt: Date
}

interface RawRotation {
  from_kid: string
  to_kid: string
  new_standby_kid: string
  started_at: Date
  deadline_at: Date
}

export async function readRotation(tx: ProjectTx): Promise<RotationRow | null> {
  const [row] = await tx.query<RawRotation>({
    name: 'key_rotation_read',
    text: 'select from_kid, to_kid, new_standby_kid, started_at, deadline_at from auth.key_rotation where project_id = auth.current_project_id()',
    values: [],
  })
  if (!row) return null
  return {
    fromKid: row.from_kid,
    toKid: row.to_kid,
    newStandbyKid: row.new_standby_kid,
    startedAt: row.started_at,
    deadlineAt: row.deadline_at,
  }
}

export async function insertRotation(tx: ProjectTx, rotation: RotationRow): Promise<void> {
  await tx.query({
    name: 'key_rotation_insert',
    text: `insert into auth.key_rotation (project_id, from_kid, to_kid, new_standby_kid, started_at, deadline_at)
      values (auth.current_project_id(), $1, $2, $3, $4, $5)`,
    values: [rotation.fromKid, rotation.toKid, rotation.newStandbyKid, rotation.startedAt, rotation.deadlineAt],
  })
}

export async function deleteRotation(tx: ProjectTx): Promise<void> {
  await tx.query({
    name: 'key_rotation_delete',
    text: 'delete from auth.key_rotation where project_id = auth.current_project_id()',
    values: [],
  })
}

/** A running instance, for the plan of a rotation. */
export interface RotatingInstance {
  id: string
  name: string | null
  envVersion: number
  lastSeenAt: Date
  /** The variables it reads, as it says itself; `null`: it never said. */
  reads: string[] | null
  /** Whether its boot gave it the secret that signs next. */
  hasNext: boolean
  /** Whether it reads the variable that brings that secret. */
  readsNext: boolean
}

/** What an instance must have and read to go on through the switch. */
export interface SwitchNeeds {
  kid: string
  reads: readonly string[]
}

export interface LiveInstances {
  instances: RotatingInstance[]
  /** How many there are, also beyond the listed ones. */
  count: number
}

const LISTED_INSTANCES = 1_000

interface RawRotatingInstance {
  id: string
  name: string | null
  env_version: number
  last_seen_at: Date
  reads: string[] | null
  has_next: boolean
  reads_next: boolean
  count: number
}

/**
 * Instances heard of since `since` and not ended that were given secrets; with `needs` only those that lack some of it.
 * Those that read only the first variable come first, so that the list of the ones to restart is cut last.
 */
export async function listLiveInstances(tx: ProjectTx, since: Date, needs: SwitchNeeds | null): Promise<LiveInstances> {
  const rows = await tx.query<RawRotatingInstance>({
    name: 'instances_live',
    text: `select i.id, i.name, i.env_version, i.last_seen_at, i.reads, n.has_next, n.reads_next, count(*) over ()::integer as count
      from auth.instance i, lateral (select coalesce($2 = any (i.kids), false) as has_next, coalesce(i.reads, '{}') @> $3::text[] as reads_next) n
      where i.project_id = auth.current_project_id() and i.ended_at is null and i.last_seen_at > $1 and i.kids <> '{}'
        and ($2::text is null or not (n.has_next and n.reads_next))
      order by n.reads_next, i.booted_at, i.id limit ${LISTED_INSTANCES}`,
    values: [since, needs?.kid ?? null, needs?.reads ?? []],
  })
  const instances = rows.map((row) => ({
    id: row.id,
    name: row.name,
    envVersion: row.env_version,
    lastSeenAt: row.last_seen_at,
    reads: row.reads,
    hasNext: row.has_next,
    readsNext: row.reads_next,
  }))
  return { instances, count: rows[0]?.count ?? 0 }
}

/** Projects with a staged key rotation under way. */
export async function openRotations(sql: PlatformSql): Promise<string[]> {
  const rows = await sql.run<{ project_id: string }>({
    name: 'open_rotations',
    text: 'select project_id from auth.open_rotations()',
    values: [],
  })
  return rows.map((row) => row.project_id)
}
