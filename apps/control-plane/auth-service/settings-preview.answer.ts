import type { SettingsPreview } from '@portico/platform/auth-service/preview-settings'

/** What a change of settings would do. */
export function settingsPreviewAnswer({ changes, refused, estimated }: SettingsPreview) {
  return {
    dry_run: true as const,
    changes: changes.map(({ setting, from, to, effects }) => ({
      setting,
      from,
      to,
      effects: effects.map(({ kind, count, text }) => ({ kind, count, text })),
    })),
    refused: refused && { code: refused.code, message: refused.message, ...(refused.details && { details: refused.details }) },
    counts_are: estimated ? ('estimated' as const) : ('exact' as const),
  }
}
