import { AuthError, type FieldProblem } from '../auth-error.js'
import { DEFAULT_LIMITS } from './limits.js'
import { DEFAULT_SETTINGS, SETTINGS, type ProjectSettings, type SettingName } from './project-settings.js'
import type { Setting } from './setting.js'

/** What a project has set itself; the rest are defaults. */
export type SettingsOverrides = Partial<Record<SettingName, unknown>>

const TABLE: Record<SettingName, Setting<unknown>> = SETTINGS as Record<SettingName, Setting<unknown>>

const CANONICAL = new Map<string, SettingName>(
  Object.entries(TABLE).flatMap(([name, { synonyms = [] }]) =>
    [name, ...synonyms].map((spelling) => [spelling, name as SettingName] as const),
  ),
)

/**
 * Reads a settings body: synonyms folded, every value checked, `null` meaning «back to the default».
 * @throws AuthError `validation_error` naming every bad field; `conflicting_settings` when two names of one setting disagree.
 */
export function readSettings(body: Record<string, unknown>): SettingsOverrides {
  const problems: FieldProblem[] = []
  const read: SettingsOverrides = {}
  const namedBy = new Map<string, string>()
  for (const [name, raw] of Object.entries(body)) {
    const canonical = CANONICAL.get(name)
    if (canonical === undefined) {
      problems.push({ field: name, code: 'unknown_field', message: 'is not a known setting' })
      continue
    }
    const checked = raw === null ? { value: null } : TABLE[canonical].kind.check(raw)
    if ('problem' in checked) {
      problems.push({ field: name, code: 'invalid', message: checked.problem })
      continue
    }
    const earlier = namedBy.get(canonical)
    if (earlier !== undefined && JSON.stringify(read[canonical]) !== JSON.stringify(checked.value)) {
      throw new AuthError('conflicting_settings', { details: [{ field: name, code: 'conflicts', message: `disagrees with ${earlier}` }] })
    }
    namedBy.set(canonical, name)
    read[canonical] = checked.value
  }
  if (problems.length > 0) throw new AuthError('validation_error', { details: problems })
  return read
}

/** One setting to its own value, or with `null` back to the default. */
export function settingChange<Name extends SettingName>(name: Name, value: ProjectSettings[Name] | null): SettingsOverrides {
  return { [name]: value }
}

/** Merges a change into stored overrides; a `null` removes the override. */
export function mergeSettings(stored: SettingsOverrides, change: SettingsOverrides): SettingsOverrides {
  const merged: Record<string, unknown> = { ...stored }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name]
    else if (name === 'limits') {
      const limitsMerged = { ...(merged['limits'] as object | undefined), ...(value as object) }
      merged['limits'] = Object.fromEntries(Object.entries(limitsMerged).filter(([, bucket]) => bucket !== null))
    } else merged[name] = value
  }
  return merged
}

/** Stored overrides over the defaults. */
export function resolveSettings(stored: SettingsOverrides): ProjectSettings {
  return { ...DEFAULT_SETTINGS, ...stored, limits: { ...DEFAULT_LIMITS, ...(stored.limits as object | undefined) } } as ProjectSettings
}
