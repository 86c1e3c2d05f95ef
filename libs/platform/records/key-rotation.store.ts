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
  return { fromKid: row.from_kid, toKid: row.to_kid, newStandbyKid: row.new_standby_kid, startedAt: row.started_at, deadlineAt: row.deadline_at }
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
  await tx.query({ name: 'key_rotation_delete', text: 'delete from auth.key_rotation where project_id = auth.current_project_id()', values: [] })
}

/** A running instance, for the plan of a rotation. */
export interface WaitingInstance {
  id: string
  name: string | null
  envVersion: number
  lastSeenAt: Date
}

/** Instances heard of since `since` and not ended; with `lackingKid` only those that were not given that key. At most 100. */
export async function listLiveInstances(tx: ProjectTx, since: Date, lackingKid: string | null): Promise<WaitingInstance[]> {
  const rows = await tx.query<{ id: string; name: string | null; env_version: number; last_seen_at: Date }>({
    name: 'instances_live',
    text: `select id, name, env_version, last_seen_at from auth.instance
      where project_id = auth.current_project_id() and ended_at is null and last_seen_at > $1 and ($2::text is null or not ($2 = any (kids)))
      order by booted_at, id limit 100`,
    values: [since, lackingKid],
  })
  return rows.map((row) => ({ id: row.id, name: row.name, envVersion: row.env_version, lastSeenAt: row.last_seen_at }))
}
