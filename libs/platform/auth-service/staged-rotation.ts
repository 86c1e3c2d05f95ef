import type { AuditEvent } from '@portico/database/audit'
import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { addSeconds } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import { saveService, type ServiceRow } from '../records/auth-service.store.js'
import { deleteRotation, insertRotation, listLiveInstances, type RotationRow } from '../records/key-rotation.store.js'
import type { RotationPlan } from './rotation-plan.js'
import { activateKey, insertKey, listKeys, retireKey, type KeyRow, type MintedKey } from '../records/signing-key.store.js'

type By = Pick<AuditEvent, 'actor' | 'ip' | 'userAgent'>

// Other processes hear of the switch in well under a second, and at the latest after 30 s (the age of their caches): until then they may
// still sign with the old key, and clocks differ a little.
const LATE_SIGNATURE_SECONDS = 35

/** The key that signs; every project with auth has one. */
export function currentKey(keys: readonly KeyRow[]): KeyRow {
  const key = keys.find((candidate) => candidate.state === 'current')
  if (!key) throw new Error('the project has no current key')
  return key
}

/**
 * Begins a staged rotation: the standby, which every instance knows already, is to sign next, and a new standby is spread first.
 * `minted` is that new standby; for a change of algorithm it is two keys, since the old standby is of the old one.
 * Expects the service row to be locked; does not write the audit row.
 */
export async function beginStagedRotation(tx: ProjectTx, minted: readonly MintedKey[], deadlineSeconds: number, ttlSeconds: number, now: Date): Promise<RotationRow> {
  const keys = await listKeys(tx)
  const from = currentKey(keys)
  const newStandby = minted.at(-1)
  if (!newStandby) throw new Error('a rotation needs a new standby')
  const standby = keys.find((key) => key.state === 'standby' && key.alg === newStandby.alg)
  const to = minted.length > 1 ? minted[0] : standby
  if (!to) throw new Error('the project has no standby key')
  for (const key of minted) await insertKey(tx, key, 'standby', ttlSeconds, now)
  const rotation = { fromKid: from.kid, toKid: to.kid, newStandbyKid: newStandby.kid, startedAt: now, deadlineAt: addSeconds(now, deadlineSeconds) }
  await insertRotation(tx, rotation)
  return rotation
}

/** Switches when no running instance lacks the new standby, or the deadline has passed. Expects the service row to be locked. */
export async function trySwitch(tx: ProjectTx, service: ServiceRow, rotation: RotationRow, by: By, now: Date): Promise<RotationPlan> {
  const waitingFor = await listLiveInstances(tx, addSeconds(now, -LIVE_SECONDS), rotation.newStandbyKid)
  const plan = { mode: 'staged' as const, fromKid: rotation.fromKid, toKid: rotation.toKid, newStandbyKid: rotation.newStandbyKid, startedAt: rotation.startedAt, willBreak: [] }
  if (waitingFor.length > 0 && rotation.deadlineAt > now) return { ...plan, state: 'waiting', switchesAt: rotation.deadlineAt, waitingFor }

  const keys = await listKeys(tx)
  const kept = new Set([rotation.toKid, rotation.newStandbyKid])
  for (const key of keys) {
    if (key.state === 'retired' || kept.has(key.kid)) continue
    // A standby that never signed has nothing left to verify.
    const verifyUntil = key.state === 'current' ? addSeconds(now, key.maxTtlSeconds + LATE_SIGNATURE_SECONDS) : now
    await retireKey(tx, key.kid, verifyUntil, now)
  }
  await activateKey(tx, rotation.toKid, resolveSettings(service.settings).access_token_ttl_seconds, now)
  await deleteRotation(tx)
  await saveService(tx, service, true, now)
  await recordAudit(
    tx,
    {
      ...by,
      action: 'auth.key_rotated',
      resource: 'project',
      resourceId: formatId('proj', tx.scope.projectId),
      metadata: { from_kid: rotation.fromKid, to_kid: rotation.toKid, deadline_passed: waitingFor.length > 0 },
    },
    now,
  )
  return { ...plan, state: 'done', switchesAt: null, waitingFor: [] }
}

export function rotationInProgress(): AuthError {
  return new AuthError('rotation_in_progress')
}
