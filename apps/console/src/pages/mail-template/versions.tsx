import type { MailTemplate, MailTemplateParts } from '@portico/sdk'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

/** Everything that was ever saved; none is lost by a reset. */
export function Versions({
  versions,
  onTake,
  denied,
}: {
  versions: MailTemplate[]
  onTake: (parts: MailTemplateParts) => void
  denied: string | false
}) {
  if (versions.length === 0) return null
  return (
    <Card title="Versions" flush>
      <ul className="max-h-72 divide-y divide-line overflow-y-auto" tabIndex={0} aria-label="Versions">
        {versions.map(({ version, subject, text, html, inUse, createdAt, failedAt }) => (
          <li key={version} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
            <span className="font-medium">{version}</span>
            <span className="min-w-0 flex-1 truncate text-soft">{subject}</span>
            {inUse && <Badge tone="accent">in use</Badge>}
            {failedAt && <Badge tone="bad">failed</Badge>}
            <span className="text-xs text-soft">
              <Time at={createdAt} />
            </span>
            <Button
              className="h-7 px-2 text-xs"
              onClick={() => onTake({ subject, text, html })}
              deniedBecause={denied}
              aria-label={`Take up version ${version}`}
            >
              Take up
            </Button>
          </li>
        ))}
      </ul>
    </Card>
  )
}
