import { useQuery } from '@tanstack/react-query'
import type { SsoConnection } from '@portico/sdk'
import { useState } from 'react'
import { rolesQuery } from '../../api/organizations.js'
import { inPlainWords } from '../../api/plain-words.js'
import { useChangeConnection } from '../../api/sso.js'
import { Button } from '../../ui/button.js'
import { Field, Input, Select } from '../../ui/field.js'
import { Note } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { PairsEditor, type Pair } from '../../ui/pairs-editor.js'
import { Switch } from '../../ui/switch.js'

const NAMES = [
  ['email', 'Address'],
  ['name', 'Name'],
  ['groups', 'Groups'],
] as const

interface Draft {
  attributes: Record<'email' | 'name' | 'groups', string>
  metadata: readonly Pair[]
  roles: readonly Pair[]
  fallbackRole: string
  createUsers: boolean
}

const draftOf = ({ attributes, roles, fallbackRole, createUsers }: SsoConnection): Draft => ({
  attributes: { email: attributes.email ?? '', name: attributes.name ?? '', groups: attributes.groups ?? '' },
  metadata: attributes.metadata.map(({ attribute, key }) => [attribute, key] as const),
  roles: roles.map(({ group, role }) => [group, role] as const),
  fallbackRole: fallbackRole ?? '',
  createUsers,
})

/** Who comes in as whom: which attribute says what, and which group gives which role. */
export function MappingForm({ projectId, connection, denied }: { projectId: string; connection: SsoConnection; denied: string | false }) {
  const [draft, setDraft] = useState<Draft | null>(null)
  const shown = draft ?? draftOf(connection)
  const { organizationId } = connection
  const roles = useQuery({ ...rolesQuery(projectId, organizationId ?? undefined), enabled: organizationId !== null })
  const save = useChangeConnection(projectId, connection.id, 'The mapping is saved, and counts at the next sign-in')
  const readOnly = denied !== false
  const set = (change: Partial<Draft>) => setDraft({ ...shown, ...change })
  const choices = (roles.data ?? []).map(({ key, name }) => [key, name] as const)
  const submit = () => save.mutate(changeOf(shown, organizationId !== null), { onSuccess: () => setDraft(null) })
  return (
    <Card
      title="Who comes in as whom"
      actions={
        <>
          {draft && <Button onClick={() => setDraft(null)}>Undo</Button>}
          <Button look="primary" busy={save.isPending} onClick={submit} deniedBecause={denied || (!draft && 'Nothing is changed')}>
            Save
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-5">
        {save.error && <Note tone="bad">{inPlainWords(save.error).detail}</Note>}
        <div className="grid grid-cols-1 gap-3">
          {NAMES.map(([name, label]) => (
            <Field key={name} label={label} hint={name === 'email' ? 'Attribute of the assertion, or claim. Empty: the usual names.' : undefined}>
              {(attributes) => (
                <Input
                  {...attributes}
                  value={shown.attributes[name]}
                  placeholder="the usual names"
                  spellCheck={false}
                  disabled={readOnly}
                  onChange={(event) => set({ attributes: { ...shown.attributes, [name]: event.target.value } })}
                />
              )}
            </Field>
          ))}
        </div>
        <PairsEditor
          label="Into the person’s metadata"
          pairs={shown.metadata}
          onChange={(metadata) => set({ metadata })}
          from="attribute"
          to="key"
          add="Keep another attribute"
          readOnly={readOnly}
        />
        {organizationId === null ? (
          <p className="text-sm text-soft">Roles are given within an organization; this connection is everybody’s.</p>
        ) : (
          <>
            <PairsEditor
              label="Groups give roles: the first that fits"
              pairs={shown.roles}
              onChange={(pairs) => set({ roles: pairs })}
              from="group"
              to="role"
              add="Another group"
              choices={choices}
              readOnly={readOnly}
            />
            <Field label="In none of these groups" hint="Read again at every sign-in.">
              {(attributes) => (
                <Select
                  {...attributes}
                  className="w-full"
                  value={shown.fallbackRole}
                  disabled={readOnly}
                  onChange={(event) => set({ fallbackRole: event.target.value })}
                >
                  <option value="">keep the role that they have</option>
                  {choices.map(([value, name]) => (
                    <option key={value} value={value}>
                      {name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </>
        )}
        <div className="flex items-center justify-between gap-3 text-sm">
          <span>
            <span className="font-medium">Accounts are made at the first sign-in</span>
            <span className="block text-xs text-faint">Only for addresses in a proven domain of this connection.</span>
          </span>
          <Switch
            label="Accounts are made at the first sign-in"
            checked={shown.createUsers}
            disabled={readOnly}
            onChange={(createUsers) => set({ createUsers })}
          />
        </div>
      </div>
    </Card>
  )
}

function changeOf({ attributes, metadata, roles, fallbackRole, createUsers }: Draft, withRoles: boolean) {
  const orNone = (text: string) => (text.trim() === '' ? null : text.trim())
  const filled = (pairs: readonly Pair[]) => pairs.map(([from, to]) => [from.trim(), to.trim()] as const).filter(([from]) => from !== '')
  return {
    attributes: {
      email: orNone(attributes.email),
      name: orNone(attributes.name),
      groups: orNone(attributes.groups),
      metadata: filled(metadata).map(([attribute, key]) => ({ attribute, key })),
    },
    ...(withRoles && { roles: filled(roles).map(([group, role]) => ({ group, role })), fallbackRole: orNone(fallbackRole) }),
    createUsers,
  }
}
