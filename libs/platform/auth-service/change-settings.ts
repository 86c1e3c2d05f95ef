import type { ProjectTx } from '@portico/database/project-db'
import { AuthError } from '@portico/kernel/auth-error'
import { DAY_SECONDS } from '@portico/kernel/duration'
import { mergeSettings, resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import type { ServiceRow } from '../records/auth-service.store.js'
import { readRotation, type RotationRow } from '../records/key-rotation.store.js'
import { listKeys, raiseMaxTtl, type MintedKey } from '../records/signing-key.store.js'
import { refuseStranding } from './refuse-stranding.js'
import { beginStagedRotation, currentKey, rotationInProgress } from './staged-rotation.js'

export interface SettingsChange {
  settings: SettingsOverrides
  /** Canonical names of the settings whose stored value changed. */
  changed: string[]
  /** People whose only way in was a passkey for another domain. */
  stranded: number
  /** Set when the change of `token_algorithm` began a rotation. */
  rotation: RotationRow | null
  /** Whether a boot gets something else from now on. */
  envChanged: boolean
}

/**
 * Merges a change into the stored settings and does to the key ring what follows from it. `minted` are two keys of the new algorithm,
 * made beforehand when the change names one. Expects the service row to be locked and keys to exist.
 */
export async function applySettings(
  tx: ProjectTx,
  service: ServiceRow,
  change: SettingsOverrides,
  minted: readonly MintedKey[],
  now: Date,
  force = false,
): Promise<SettingsChange> {
  const settings = mergeSettings(service.settings, change)
  const changed = Object.keys(change).filter((name) => {
    const key = name as keyof SettingsOverrides
    return JSON.stringify(settings[key]) !== JSON.stringify(service.settings[key])
  })
  const wanted = resolveSettings(settings)
  const stranded = await refuseStranding(tx, resolveSettings(service.settings), wanted, force)
  if (changed.includes('access_token_ttl_seconds')) await raiseMaxTtl(tx, wanted.access_token_ttl_seconds)
  const envChanged = changed.includes('token_issuer')
  const unrotated = { settings, changed, stranded, rotation: null, envChanged }
  if (wanted.token_algorithm === resolveSettings(service.settings).token_algorithm) return unrotated

  if (await readRotation(tx)) throw rotationInProgress()
  const current = currentKey(await listKeys(tx))
  if (current.alg === wanted.token_algorithm) return unrotated
  if (minted[0]?.alg !== wanted.token_algorithm) throw new AuthError('conflict')
  const rotation = await beginStagedRotation(tx, minted, DAY_SECONDS, wanted.access_token_ttl_seconds, now)
  return { settings, changed, stranded, rotation, envChanged: true }
}
