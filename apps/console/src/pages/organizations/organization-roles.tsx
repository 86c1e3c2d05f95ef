import type { OrganizationRole } from '@portico/sdk'
import { Plus } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { useOrganizationAction } from '../../api/organizations.js'
import { portico } from '../../api/portico.js'
import { Badge } from '../../ui/badge.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'

const SMALL = 'h-7 px-2 text-xs'
/** Both are there always; a definition of one's own replaces what they allow. */
const BUILT_IN = ['admin', 'member']

interface RolesProps {
  projectId: string
  /** Absent: of every organization of the project. */
  organizationId?: string
  roles: OrganizationRole[]
  denied: string | false
}

/** What each role allows: some strings are the product's own, all others mean what the app makes of them. */
export function OrganizationRoles({ projectId, organizationId, roles, denied }: RolesProps) {
  const [editing, setEditing] = useState<OrganizationRole | 'new' | null>(null)
  const here = organizationId === undefined ? {} : { organizationId }
  const isOwn = (role: OrganizationRole) => role.organizationId === (organizationId ?? null)
  const remove = useOrganizationAction(
    projectId,
    (key: string) => portico.organizations.removeRoleDefinition(projectId, key, here),
    (_done, key) => `The role ${key} is gone`,
  )
  return (
    <Card
      title="Roles"
      lead={
        organizationId === undefined
          ? 'Of every organization. The permissions are in the token of whoever works in one.'
          : 'Those that count here: the project’s, and this organization’s own.'
      }
      flush
      actions={
        <Button icon={<Plus className="size-3.5" />} onClick={() => setEditing('new')} deniedBecause={denied}>
          New role
        </Button>
      }
    >
      <ul className="divide-y divide-line">
        {roles.map((role) => (
          <li key={role.key} className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{role.name}</span>
                <code className="font-mono text-xs text-faint">{role.key}</code>
                {organizationId !== undefined && isOwn(role) && <Badge>only here</Badge>}
              </p>
              <p className="mt-1 flex flex-wrap gap-x-2 gap-y-0.5 font-mono text-xs text-faint">
                {role.permissions.length === 0 && <span>no permission</span>}
                {role.permissions.map((permission) => (
                  <span key={permission}>{permission}</span>
                ))}
              </p>
            </div>
            <Button className={SMALL} onClick={() => setEditing(role)} deniedBecause={denied} aria-label={`Change the role ${role.key}`}>
              Change
            </Button>
            {isOwn(role) && !BUILT_IN.includes(role.key) && (
              <Button
                className={SMALL}
                busy={remove.isPending && remove.variables === role.key}
                onClick={() => remove.mutate(role.key)}
                deniedBecause={denied}
                aria-label={`Remove the role ${role.key}`}
              >
                Remove
              </Button>
            )}
          </li>
        ))}
      </ul>
      {editing && (
        <RoleForm
          projectId={projectId}
          organizationId={organizationId}
          role={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Card>
  )
}

function RoleForm({
  projectId,
  organizationId,
  role,
  onClose,
}: {
  projectId: string
  organizationId: string | undefined
  role: OrganizationRole | null
  onClose: () => void
}) {
  const [key, setKey] = useState(role?.key ?? '')
  const [name, setName] = useState(role?.name ?? '')
  const [text, setText] = useState(role?.permissions.join('\n') ?? 'org.read\nmembers.read')
  const save = useOrganizationAction(
    projectId,
    () => {
      const definition = { name: name.trim(), permissions: text.split(/[\s,]+/).filter(Boolean) }
      const here = organizationId === undefined ? {} : { organizationId }
      return portico.organizations.setRoleDefinition(projectId, key.trim(), definition, here)
    },
    (saved) => {
      onClose()
      return `The role ${saved.name} is saved`
    },
    () => undefined,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(undefined)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={role ? `Role ${role.name}` : 'New role'}
      lead={organizationId !== undefined && 'It counts in this organization alone.'}
    >
      <form onSubmit={submit} className="grid gap-3">
        {!role && (
          <Field label="Key" hint="In the token: small letters, digits, dashes.">
            {(attributes) => (
              <Input
                {...attributes}
                value={key}
                onChange={(event) => setKey(event.target.value)}
                className="font-mono"
                pattern="[a-z][a-z0-9_\-]{0,31}"
                spellCheck={false}
                required
                autoFocus
              />
            )}
          </Field>
        )}
        <Field label="Name">
          {(attributes) => <Input {...attributes} value={name} onChange={(event) => setName(event.target.value)} required />}
        </Field>
        <Field
          label="Permissions"
          hint="One a line. org.read, org.update, org.delete, members.read, members.manage and sso.manage are Portico’s; others are your app’s own."
        >
          {(attributes) => (
            <textarea
              {...attributes}
              className="control h-auto min-h-28 w-full py-1.5 font-mono text-xs leading-5"
              rows={6}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {save.error && <ErrorNote error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={save.isPending}>
            Save the role
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
