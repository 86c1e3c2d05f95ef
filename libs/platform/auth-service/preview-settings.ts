import type { ProjectDb, ProjectTx } from '@portico/database/project-db'
import type { ProjectScope } from '@portico/database/project-scope'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds } from '@portico/kernel/duration'
import { relyingPartyId } from '@portico/kernel/relying-party-id'
import type { ProjectSettings, SettingName } from '@portico/kernel/settings/project-settings'
import { mergeSettings, resolveSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'
import { readService } from '../records/auth-service.store.js'
import { readRotation } from '../records/key-rotation.store.js'
import { readFacts } from '../records/settings-facts.view.js'
import { STRANDED_BOUND, verifiedDomains } from '../records/stranded-people.store.js'
import { refuseStranding } from './refuse-stranding.js'
import { EFFECTS, type Effect } from './settings-effects.js'
import { rotationInProgress } from './staged-rotation.js'

export interface PreviewedChange {
  setting: SettingName
  from: unknown
  to: unknown
  effects: Effect[]
}

export interface SettingsPreview {
  changes: PreviewedChange[]
  /** What the change would be refused with as it was asked for. */
  refused: AuthError | null
  /** Of more people or sessions than are looked at, counts are scaled up. */
  estimated: boolean
}

/** What a change of settings would do. Nothing is written, no row locked. */
export class PreviewSettings {
  constructor(
    private readonly db: ProjectDb,
    private readonly clock: Clock,
  ) {}

  execute(scope: ProjectScope, change: SettingsOverrides, force: boolean): Promise<SettingsPreview> {
    const now = this.clock.now()
    return this.db.transaction(scope, async (tx) => {
      const service = await readService(tx)
      if (service.firstEnabledAt === null) throw new AuthError('auth_not_enabled')
      const merged = mergeSettings(service.settings, change)
      const [before, after] = [resolveSettings(service.settings), resolveSettings(merged)]
      const changed = (Object.keys(change) as SettingName[]).filter((name) => !same(before[name], after[name]))
      if (changed.length === 0) return { changes: [], refused: null, estimated: false }
      const domains = await verifiedDomains(tx)
      const relyingParty = { before: relyingPartyId(before, domains), after: relyingPartyId(after, domains) }
      const facts = await readFacts(tx, {
        now,
        idleSince: { before: addSeconds(now, -before.session_idle_seconds), after: addSeconds(now, -after.session_idle_seconds) },
        sessionsOfOne: after.max_active_sessions,
        rpId: relyingParty.before,
        lost: before.providers.filter((provider) => !after.providers.includes(provider)),
      })
      const stranded = await refuseStranding(tx, before, after, true)
      const judged = { before, after, facts, relyingParty, stranded }
      return {
        changes: changed.map((setting) => ({ setting, from: before[setting], to: after[setting], effects: EFFECTS[setting](judged) })),
        refused: await refusal(tx, before, after, force),
        estimated: facts.estimated || stranded >= STRANDED_BOUND,
      }
    })
  }
}

async function refusal(tx: ProjectTx, before: ProjectSettings, after: ProjectSettings, force: boolean): Promise<AuthError | null> {
  if (before.token_algorithm !== after.token_algorithm && (await readRotation(tx))) return rotationInProgress()
  try {
    await refuseStranding(tx, before, after, force)
    return null
  } catch (error) {
    if (error instanceof AuthError && error.status === 409) return error
    throw error
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
