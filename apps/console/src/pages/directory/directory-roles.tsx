import { useQuery } from '@tanstack/react-query'
import type { Directory } from '@portico/sdk'
import { useState } from 'react'
import { useDirectoryAction } from '../../api/directories.js'
import { rolesQuery } from '../../api/organizations.js'
import { inPlainWords } from '../../api/plain-words.js'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Field, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { PairsEditor, type Pair } from '../../ui/pairs-editor.js'

interface Draft {
  groups: readonly Pair[]
  /** Empty: they do not belong to the organization. */
  fallback: string
}

export function DirectoryRoles({
  projectId,
  directory,
  organizationId,
  denied,
}: {
  projectId: string
  directory: Directory
  organizationId: string
  denied: string | false
}) {
  const [draft, setDraft] = useState<Draft | null>(null)
  const saved = { groups: directory.groupRoles.map(({ group, role }) => [group, role] as const), fallback: directory.fallbackRole ?? '' }
  const shown = draft ?? saved
  const roles = useQuery(rolesQuery(projectId, organizationId))
  const choices = (roles.data ?? []).map(({ key, name }) => [key, name] as const)
  const save = useDirectoryAction(
    projectId,
    () => portico.directories.update(projectId, directory.id, {
      groupRoles: shown.groups.map(([group, role]) => ({ group: group.trim(), role })).filter(({ group }) => group !== ''),
      fallbackRole: shown.fallback === '' ? null : shown.fallback,
    }),
    () => 'Saved: nobody has to sign in again',
    () => undefined,
  )
  const readOnly = denied !== false
  return (
    <Card
      title="Roles"
      actions={
        <>
          {draft && <Button onClick={() => setDraft(null)}>Undo</Button>}
          <Button
            look="primary"
            busy={save.isPending}
            onClick={() => save.mutate(undefined, { onSuccess: () => setDraft(null) })}
            deniedBecause={denied || (!draft && 'Nothing is changed')}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-4">
        {save.error && <Note tone="bad">{inPlainWords(save.error).detail}</Note>}
        <PairsEditor
          label="Groups give roles: the first that fits"
          pairs={shown.groups}
          onChange={(groups) => setDraft({ ...shown, groups })}
          from="group"
          to="role"
          add="Another group"
          choices={choices}
          readOnly={readOnly}
        />
        <Field label="In none of these groups">
          {(attributes) => (
            <Select
              {...attributes}
              className="w-full"
              value={shown.fallback}
              disabled={readOnly}
              onChange={(event) => setDraft({ ...shown, fallback: event.target.value })}
            >
              <option value="">does not belong to the organization</option>
              {choices.map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </Card>
  )
}
