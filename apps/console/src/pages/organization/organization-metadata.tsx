import type { Organization } from '@portico/sdk'
import { useState } from 'react'
import { useOrganizationAction } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { JsonEditor, readObject } from '../../ui/json-editor.js'
import { Card } from '../../ui/page.js'

export function OrganizationMetadata({
  projectId,
  organization,
  denied,
}: {
  projectId: string
  organization: Organization
  denied: string | false
}) {
  const stored = JSON.stringify(organization.metadata, null, 2)
  const [text, setText] = useState<string | null>(null)
  const value = readObject(text ?? stored)
  const save = useOrganizationAction(
    projectId,
    (metadata: Record<string, unknown>) => portico.organizations.update(projectId, organization.id, { metadata }),
    () => {
      setText(null)
      return 'Metadata saved'
    },
  )
  return (
    <Card
      title="Metadata"
      lead="Any JSON object: what the app keeps of it."
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
              onClick={() => value && save.mutate(value)}
            >
              Save
            </Button>
          </>
        )
      }
    >
      <JsonEditor label="Metadata of the organization" text={text ?? stored} onChange={setText} readOnly={denied !== false} />
    </Card>
  )
}
