import { invalidField } from '@portico/kernel/auth-error'
import { readSettings, type SettingsOverrides } from '@portico/kernel/settings/read-settings'

/** `force` is no setting: it says that the caller knows whom a change of `site_url`, `rp_id` or `providers` locks out. */
export function settingsAndForce({ force, ...settings }: Record<string, unknown>): [SettingsOverrides, boolean] {
  if (force !== undefined && typeof force !== 'boolean') throw invalidField('force', 'not_a_boolean', 'This must be true or false.')
  return [readSettings(settings), force ?? false]
}
