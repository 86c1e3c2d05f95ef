import type { SettingsPreview } from '@portico/sdk'
import { ArrowRight } from 'lucide-react'
import { Note } from '../../ui/note.js'
import { Skeleton } from '../../ui/skeleton.js'
import { titleOf } from './setting-groups.js'
import type { SettingSchema } from './setting-schema.js'
import { valueText } from './setting-value.js'

/** What each change does to the people and instances that are there, as the server counted it without changing anything. */
export function Preview({
  changes,
  saved,
  draft,
  preview,
  failed,
}: {
  changes: SettingSchema[]
  saved: Record<string, unknown>
  draft: Record<string, unknown>
  preview: SettingsPreview | undefined
  /** Its answer will not come: whoever asked says why. */
  failed: boolean
}) {
  const effectsOf = (name: string) => preview?.changes.find(({ setting }) => setting === name)?.effects ?? []
  return (
    <div className="grid gap-3 text-sm">
      <ul className="divide-y divide-line">
        {changes.map(({ name, key }) => (
          <li key={key} className="grid gap-1 py-2.5">
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{titleOf(name)}</span>
              {name !== 'limits' && (
                <>
                  <span className="break-all text-faint line-through">{valueText(name, saved[key])}</span>
                  <ArrowRight className="size-3.5 shrink-0 text-faint" aria-label="becomes" />
                  <span className="break-all">{valueText(name, draft[key])}</span>
                </>
              )}
            </span>
            {!preview && !failed && <Skeleton className="h-4 w-2/3" />}
            {effectsOf(name).map(({ kind, text }) => (
              <span key={kind} className="text-soft">
                {text}
              </span>
            ))}
          </li>
        ))}
      </ul>
      {preview?.countsAre === 'estimated' && (
        <p className="text-xs text-faint">There are too many people to count each: these are estimates.</p>
      )}
      {preview?.refused && (
        <Note tone="bad" title="It will be refused">
          {preview.refused.details?.map(({ field, message }) => `${field}: ${message}`).join(' ') || preview.refused.message}
        </Note>
      )}
    </div>
  )
}
