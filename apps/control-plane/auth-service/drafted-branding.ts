import type { Branding } from '@portico/kernel/settings/branding'
import { readSettings } from '@portico/kernel/settings/read-settings'

/** A look that is not saved, read as the setting is; `null`: none was given. Throws `validation_error`. */
export function draftedBranding(given: Record<string, unknown> | undefined): Branding | null {
  return given === undefined ? null : (readSettings({ branding: given })['branding'] as Branding)
}
