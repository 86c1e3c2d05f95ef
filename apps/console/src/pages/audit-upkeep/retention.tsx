import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { Button } from '../../ui/button.js'
import { ConfirmByName } from '../../ui/dialog.js'
import { Field, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { toast } from '../../ui/toast.js'

const CHOICES: readonly [days: number | null, label: string][] = [
  [null, 'For ever'],
  [30, '30 days'],
  [90, '90 days'],
  [180, '180 days'],
  [365, '1 year'],
  [730, '2 years'],
  [2_555, '7 years'],
]
const named = (days: number | null) => CHOICES.find(([choice]) => choice === days)?.[1] ?? `${days} days`

export function Retention() {
  const denied = useDenied(PERMISSIONS.manageAudit)
  const client = useQueryClient()
  const kept = useQuery({ queryKey: ['audit-retention'], queryFn: ({ signal }) => portico.auditLog.retention({ signal }) })
  const [chosen, setChosen] = useState<string | null>(null)
  const [confirming, setConfirming] = useState(false)
  if (kept.error)
    return (
      <Card title="Retention">
        <ErrorNote error={kept.error} retry={() => void kept.refetch()} />
      </Card>
    )
  if (kept.data === undefined)
    return (
      <Card title="Retention">
        <SkeletonRows rows={3} />
      </Card>
    )
  const value = chosen ?? String(kept.data)
  const days = value === 'null' ? null : Number(value)
  const choices = CHOICES.some(([choice]) => choice === kept.data) ? CHOICES : [...CHOICES, [kept.data, named(kept.data)] as const]
  const save = async () => {
    await portico.auditLog.setRetention(days)
    await client.invalidateQueries({ queryKey: ['audit-retention'] })
    setChosen(null)
    toast.done(days === null ? 'Audit rows are kept for ever' : `Audit rows are kept for ${named(days)}`)
  }
  const shorter = days !== null && (kept.data === null || days < kept.data)
  return (
    <Card title="Retention" lead="Rows that are older go for good. Their links stay, so that the rest still verifies.">
      <div className="grid gap-3">
        <Field label="Keep audit rows">
          {(attributes) => (
            <Select {...attributes} value={value} onChange={(event) => setChosen(event.target.value)} disabled={denied !== false}>
              {choices.map(([choice, label]) => (
                <option key={String(choice)} value={String(choice)}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <div>
          <Button
            look="primary"
            disabled={days === kept.data}
            deniedBecause={denied}
            onClick={() => (shorter ? setConfirming(true) : void save().catch(toast.failed))}
          >
            Save
          </Button>
        </div>
      </div>
      <ConfirmByName
        open={confirming}
        onClose={() => setConfirming(false)}
        title="Delete older audit rows"
        name={named(days)}
        action="Delete them"
        run={save}
      >
        Everything in the audit logs of this workspace and all its projects that is older than {named(days)} is deleted within minutes, and
        from then on as it becomes older. Export first what you must keep.
      </ConfirmByName>
    </Card>
  )
}
