import { recordAudit } from '@portico/database/audit'
import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectDirectory, ProjectRecord } from '@portico/database/project-directory'
import type { Clock } from '@portico/kernel/clock'
import { formatId } from '@portico/kernel/ids'
import { mergeSettings, resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import { doneBy } from '../audit-actor.js'
import type { Caller } from '../caller.js'
import { assertWholePair } from '../runtime-env/auth-pair.js'
import { listVariableNames } from '../records/runtime-variable.store.js'
import { authService, type AuthService } from './auth-service.js'
import { lockService, saveService, type ServiceRow } from '../records/auth-service.store.js'
import { applySettings } from './change-settings.js'
import type { KeyMint } from './mint-key.js'
import { insertKey, type MintedKey } from '../records/signing-key.store.js'
import { trySwitch } from './staged-rotation.js'

/** First time: mints the key ring. Later: the same secret, the users as they were. */
export class EnableAuth {
  constructor(
    private readonly db: ProjectDb,
    private readonly directory: ProjectDirectory,
    private readonly mint: KeyMint,
    private readonly clock: Clock,
    private readonly dataPlanePublicUrl: string,
  ) {}

  /** `first`: the key ring was minted by this very call. */
  async execute(
    project: ProjectRecord,
    caller: Caller,
    change: SettingsOverrides,
    force = false,
  ): Promise<{ first: boolean; auth: AuthService }> {
    const { scope } = project
    const now = this.clock.now()
    const minted = await this.#mintIfNeeded(project, change)
    const result = await this.db.transaction(scope, async (tx) => {
      const service = await lockService(tx)
      assertWholePair(true, await listVariableNames(tx))
      const first = service.firstEnabledAt === null
      const saved = first
        ? await this.#firstTime(tx, service, caller, change, minted, now)
        : await this.#again(tx, service, caller, change, minted, now, force)
      return { first, auth: await authService(tx, this.dataPlanePublicUrl, saved, now) }
    })
    this.directory.invalidate(scope.projectId)
    return result
  }

  /** Keys are made before the transaction; what is not needed after all is thrown away. */
  async #mintIfNeeded(project: ProjectRecord, change: SettingsOverrides): Promise<MintedKey[]> {
    const algorithm = resolveSettings(mergeSettings(project.overrides, change)).token_algorithm
    if (project.firstEnabledAt !== null && algorithm === project.settings.token_algorithm) return []
    return [await this.mint.mint(project.scope.projectId, algorithm), await this.mint.mint(project.scope.projectId, algorithm)]
  }

  async #firstTime(
    tx: ProjectTx,
    service: ServiceRow,
    caller: Caller,
    change: SettingsOverrides,
    minted: MintedKey[],
    now: Date,
  ): Promise<ServiceRow> {
    const [current, standby] = minted
    if (!current || !standby) throw new Error('no keys were minted')
    const settings = mergeSettings(service.settings, change)
    const ttl = resolveSettings(settings).access_token_ttl_seconds
    await insertKey(tx, current, 'current', ttl, now)
    await insertKey(tx, standby, 'standby', ttl, now)
    const saved = await saveService(tx, { ...service, settings, enabled: true, firstEnabledAt: now }, true, now)
    await this.#audit(tx, caller, 'auth.enabled', { first: true, kid: current.kid, settings: Object.keys(change) }, now)
    return saved
  }

  async #again(
    tx: ProjectTx,
    service: ServiceRow,
    caller: Caller,
    change: SettingsOverrides,
    minted: MintedKey[],
    now: Date,
    force: boolean,
  ): Promise<ServiceRow> {
    const applied = await applySettings(tx, service, change, minted, now, force)
    if (service.enabled && applied.changed.length === 0) return service
    const envChanged = !service.enabled || applied.envChanged
    const saved = await saveService(tx, { ...service, settings: applied.settings, enabled: true }, envChanged, now)
    await this.#audit(
      tx,
      caller,
      service.enabled ? 'auth.settings_changed' : 'auth.enabled',
      { settings: applied.changed, ...(applied.stranded > 0 && { peopleStranded: applied.stranded }) },
      now,
    )
    if (applied.rotation) await trySwitch(tx, saved, applied.rotation, doneBy(caller), now)
    return saved
  }

  #audit(
    tx: ProjectTx,
    caller: Caller,
    action: 'auth.enabled' | 'auth.settings_changed',
    metadata: Record<string, unknown>,
    now: Date,
  ): Promise<void> {
    return recordAudit(
      tx,
      { ...doneBy(caller), action, resource: 'project', resourceId: formatId('proj', tx.scope.projectId), metadata },
      now,
    )
  }
}
