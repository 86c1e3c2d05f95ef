import type { AuditEvent } from '@portico/database/audit'
import { recordAudit } from '@portico/database/audit'
import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { addSeconds } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import { saveService, type ServiceRow } from '../records/auth-service.store.js'
import { deleteRotation, insertRotation, listLiveInstances, type RotationRow, type SwitchNeeds } from '../records/key-rotation.store.js'
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
 * Begins a staged rotation: the standby, which every instance was given at its boot, is to sign next, and a new standby is made for the
 * time after.
 * `minted` is that new standby; for a change of algorithm it is two keys, since the old standby is of the old one.
 * Expects the service row to be locked; does not write the audit row.
 */
export async function beginStagedRotation(
  tx: ProjectTx,
  minted: readonly MintedKey[],
  deadlineSeconds: number,
  ttlSeconds: number,
  now: Date,
): Promise<RotationRow> {
  const keys = await listKeys(tx)
  const from = currentKey(keys)
  const newStandby = minted.at(-1)
  if (!newStandby) throw new Error('a rotation needs a new standby')
  const standby = keys.find((key) => key.state === 'standby' && key.alg === newStandby.alg)
  const to = minted.length > 1 ? minted[0] : standby
  if (!to) throw new Error('the project has no standby key')
  for (const key of minted) await insertKey(tx, key, 'standby', ttlSeconds, now)
  const rotation = {
    fromKid: from.kid,
    toKid: to.kid,
    newStandbyKid: newStandby.kid,
    startedAt: now,
    deadlineAt: addSeconds(now, deadlineSeconds),
  }
  await insertRotation(tx, rotation)
  return rotation
}

/**
 * What an instance needs so that it notices nothing of the switch. Before it, `AUTH_JWT_SECRET` is the secret that signs; the next one is
 * in
 * `AUTH_JWT_SECRET_NEXT`, or in the key set when it is of ES256. Who reads key sets finds a new key there without a restart.
 */
function needsOf(from: KeyRow, to: KeyRow): SwitchNeeds {
  if (to.alg === 'ES256') return { kid: to.kid, reads: from.alg === 'ES256' ? [] : ['AUTH_JWKS_URL'] }
  return { kid: to.kid, reads: from.alg === 'ES256' ? ['AUTH_JWT_SECRET_NEXT'] : ['AUTH_JWT_SECRET', 'AUTH_JWT_SECRET_NEXT'] }
}

/**
 * Switches when every running instance has the next secret and reads it, when the deadline has passed, or when it `must`.
 * Expects the service row to be locked, which boots wait for: who booted before it holds the old secret and is in the plan, who boots after
 * it gets the new one.
 */
export async function trySwitch(
  tx: ProjectTx,
  service: ServiceRow,
  rotation: RotationRow,
  by: By,
  now: Date,
  must = false,
): Promise<RotationPlan> {
  const keys = await listKeys(tx)
  const next = keys.find((key) => key.kid === rotation.toKid)
  if (!next) throw new Error('a rotation names a key that the project does not have')
  const lagging = await listLiveInstances(tx, addSeconds(now, -LIVE_SECONDS), needsOf(currentKey(keys), next))
  const plan = {
    mode: 'staged' as const,
    fromKid: rotation.fromKid,
    toKid: rotation.toKid,
    newStandbyKid: rotation.newStandbyKid,
    startedAt: rotation.startedAt,
    willBreak: [],
  }
  const deadlinePassed = rotation.deadlineAt <= now
  if (lagging.count > 0 && !deadlinePassed && !must) {
    const restartAfterSwitch = lagging.instances.filter((instance) => !instance.readsNext)
    return { ...plan, state: 'waiting', switchesAt: rotation.deadlineAt, waitingFor: lagging, restartAfterSwitch }
  }

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
      metadata: {
        fromKid: rotation.fromKid,
        toKid: rotation.toKid,
        deadlinePassed: deadlinePassed && lagging.count > 0,
        byHand: must,
        toRestart: lagging.count,
      },
    },
    now,
  )
  return { ...plan, state: 'done', switchesAt: null, waitingFor: { instances: [], count: 0 }, restartAfterSwitch: lagging.instances }
}

export function rotationInProgress(): AuthError {
  return new AuthError('rotation_in_progress')
}
