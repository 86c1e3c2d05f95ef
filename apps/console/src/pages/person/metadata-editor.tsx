import type { EndUser } from '@portico/sdk'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { usePersonAction } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { JsonEditor, readObject } from '../../ui/json-editor.js'
import { Button } from '../../ui/button.js'
import { Card } from '../../ui/page.js'

const FIELDS = {
  metadata: {
    title: 'Metadata',
    lead: 'Any JSON object, at most 16 KiB. The person may change it too: put nothing in it that decides what they may do.',
  },
  appMetadata: {
    title: 'App metadata',
    lead: 'Written here and by your server alone: a plan, a role, a limit. The person reads it and cannot change it.',
  },
} as const

/** What the app keeps of its person. */
export function MetadataEditor({ projectId, user, field }: { projectId: string; user: EndUser; field: keyof typeof FIELDS }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const stored = JSON.stringify(user[field], null, 2)
  const [text, setText] = useState<string | null>(null)
  const value = readObject(text ?? stored)
  const { title, lead } = FIELDS[field]
  const save = usePersonAction(
    projectId,
    user.id,
    (changed: Record<string, unknown>) => portico.users.update(projectId, user.id, { [field]: changed }),
    () => `${title} saved`,
  )
  return (
    <Card
      title={title}
      lead={lead}
      actions={
        text !== null &&
        text !== stored && (
          <>
            <Button onClick={() => setText(null)}>Undo</Button>
            <Button
              look="primary"
              busy={save.isPending}
              disabled={value === null}
              deniedBecause={denied}
              onClick={() => value && save.mutate(value, { onSuccess: () => setText(null) })}
            >
              Save
            </Button>
          </>
        )
      }
    >
      <JsonEditor label={title} text={text ?? stored} onChange={setText} readOnly={denied !== false} />
    </Card>
  )
}
