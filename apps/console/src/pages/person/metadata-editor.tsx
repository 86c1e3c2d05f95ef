import type { EndUser } from '@portico/sdk'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { usePersonAction } from '../../api/person.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { JsonEditor, readObject } from '../../ui/json-editor.js'
import { Button } from '../../ui/button.js'
import { Card } from '../../ui/page.js'

/** `metadata`: what the app keeps of its person; the person may change it too. */
export function MetadataEditor({ projectId, user }: { projectId: string; user: EndUser }) {
  const denied = useDenied(PERMISSIONS.manageUsers)
  const stored = JSON.stringify(user.metadata, null, 2)
  const [text, setText] = useState<string | null>(null)
  const value = readObject(text ?? stored)
  const save = usePersonAction(
    projectId,
    user.id,
    (metadata: Record<string, unknown>) => portico.users.update(projectId, user.id, { metadata }),
    () => 'The metadata is saved',
  )
  return (
    <Card
      title="Metadata"
      lead="Any JSON object, at most 16 KiB. The person may change it too: put nothing in it that decides what they may do."
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
      <JsonEditor label="Metadata" text={text ?? stored} onChange={setText} readOnly={denied !== false} />
    </Card>
  )
}
