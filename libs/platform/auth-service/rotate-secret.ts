import { recordAudit } from '@portico/database/audit'
import type { ProjectDb } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, DAY_SECONDS } from '@portico/kernel/duration'
import { formatId } from '@portico/kernel/ids'
import { resolveSettings } from '@portico/kernel/settings/read-settings'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { LIVE_SECONDS } from '../records/heartbeat.js'
import { lockService, saveService } from '../records/auth-service.store.js'
import { deleteRotation, listLiveInstances, readRotation } from '../records/key-rotation.store.js'
import type { KeyMint } from './mint-key.js'
import type { RotationPlan } from './rotation-plan.js'
import { insertKey, listKeys, retireEveryKey, type MintedKey } from '../records/signing-key.store.js'
import { beginStagedRotation, currentKey, rotationInProgress, trySwitch } from './staged-rotation.js'

export interface RotateSecretInput {
  mode: 'staged' | 'immediate'
  deadlineSeconds?: number | undefined
}

/** Staged: nothing breaks. Immediate, for compromise: every secret that any instance holds stops working now. */
export class RotateSecret {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly mint: KeyMint,
    private readonly clock: Clock,
  ) {}

  async execute(project: ProjectRecord, caller: Caller, input: RotateSecretInput): Promise<RotationPlan> {
    const { projectId } = project.scope
    const now = this.clock.now()
    const algorithm = project.settings.token_algorithm
    // Outside the transaction, which holds the project's lock.
    const minted = [await this.mint.mint(projectId, algorithm), await this.mint.mint(projectId, algorithm)]
    const plan = await (input.mode === 'immediate'
      ? this.#immediately(project, caller, minted, now)
      : this.#staged(project, caller, minted.slice(1), input.deadlineSeconds ?? DAY_SECONDS, now))
    this.directory.invalidate(projectId)
    return plan
  }

  #staged(project: ProjectRecord, caller: Caller, minted: MintedKey[], deadlineSeconds: number, now: Date): Promise<RotationPlan> {
    return this.db.transaction(project.scope, async (tx) => {
      const service = await lockService(tx)
      if (service.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
      if (await readRotation(tx)) throw rotationInProgress()
      // The cached record was of another algorithm than the ring is now: let the caller look again.
      if (currentKey(await listKeys(tx)).alg !== minted[0]?.alg) throw new AuthError('conflict')
      const rotation = await beginStagedRotation(
        tx,
        minted,
        deadlineSeconds,
        resolveSettings(service.settings).access_token_ttl_seconds,
        now,
      )
      // What a boot gets is the same until the switch: no instance is told to restart for it.
      const started = await saveService(tx, service, false, now)
      const by = doneBy(caller)
      const metadata = { mode: 'staged', fromKid: rotation.fromKid, toKid: rotation.toKid, deadlineAt: rotation.deadlineAt.toISOString() }
      await recordAudit(
        tx,
        { ...by, action: 'auth.rotation_started', resource: 'project', resourceId: formatId('proj', project.scope.projectId), metadata },
        now,
      )
      return trySwitch(tx, started, rotation, by, now)
    })
  }

  #immediately(project: ProjectRecord, caller: Caller, minted: MintedKey[], now: Date): Promise<RotationPlan> {
    return this.db.transaction(project.scope, async (tx) => {
      const service = await lockService(tx)
      if (service.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
      const settings = resolveSettings(service.settings)
      const [current, standby] = minted
      if (!current || !standby || settings.token_algorithm !== current.alg) throw new AuthError('conflict')
      const from = currentKey(await listKeys(tx))
      const willBreak = service.enabled ? (await listLiveInstances(tx, addSeconds(now, -LIVE_SECONDS), null)).instances : []
      await deleteRotation(tx)
      await retireEveryKey(tx, now)
      await insertKey(tx, current, 'current', settings.access_token_ttl_seconds, now)
      await insertKey(tx, standby, 'standby', settings.access_token_ttl_seconds, now)
      await saveService(tx, service, true, now)
      const metadata = { mode: 'immediate', fromKid: from.kid, toKid: current.kid, willBreak: willBreak.length }
      await recordAudit(
        tx,
        {
          ...doneBy(caller),
          action: 'auth.key_rotated',
          resource: 'project',
          resourceId: formatId('proj', project.scope.projectId),
          metadata,
        },
        now,
      )
      return {
        mode: 'immediate',
        state: 'done',
        fromKid: from.kid,
        toKid: current.kid,
        newStandbyKid: standby.kid,
        startedAt: now,
        switchesAt: null,
        waitingFor: { instances: [], count: 0 },
        restartAfterSwitch: [],
        willBreak,
      }
    })
  }
}
