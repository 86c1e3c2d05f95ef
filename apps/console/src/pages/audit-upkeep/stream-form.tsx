import type { AuditStream } from '@portico/sdk'
import { useState, type FormEvent } from 'react'
import { portico } from '../../api/portico.js'
import { Button } from '../../ui/button.js'
import { Dialog } from '../../ui/dialog.js'
import { Field, Input, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'

type Kind = 'https' | 's3'
type StoreField = 'endpoint' | 'region' | 'bucket' | 'prefix' | 'accessKeyId' | 'secretAccessKey'

const STORE: readonly [field: StoreField, label: string, placeholder: string][] = [
  ['endpoint', 'Endpoint', 'https://s3.eu-central-1.amazonaws.com'],
  ['region', 'Region', 'eu-central-1'],
  ['bucket', 'Bucket', 'audit-logs'],
  ['prefix', 'Prefix (may be empty)', 'portico/'],
  ['accessKeyId', 'Access key id', ''],
  ['secretAccessKey', 'Secret access key', ''],
]

export function StreamForm({ open, onClose, onDone }: { open: boolean; onClose: () => void; onDone: (set: AuditStream) => Promise<void> }) {
  const [kind, setKind] = useState<Kind>('https')
  const [url, setUrl] = useState('')
  const [store, setStore] = useState<Partial<Record<StoreField, string>>>({})
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await onDone(await portico.auditLog.setStream(kind === 'https' ? { kind, url } : { kind, ...store }))
      setStore({})
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onClose={onClose} title="Stream the audit log" lead="It begins with the first row, and is tried again until it arrives.">
      <form onSubmit={(event) => void submit(event)} className="grid gap-3">
        <Field label="Kind of destination">
          {(attributes) => (
            <Select {...attributes} value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
              <option value="https">HTTPS endpoint</option>
              <option value="s3">Store of the shape of S3</option>
            </Select>
          )}
        </Field>
        {kind === 'https' ? (
          <Field label="URL">
            {(attributes) => (
              <Input
                {...attributes}
                type="url"
                required
                value={url}
                onChange={(event) => setUrl(event.target.value)}
                placeholder="https://siem.example/portico"
              />
            )}
          </Field>
        ) : (
          STORE.map(([field, label, placeholder]) => (
            <Field key={field} label={label}>
              {(attributes) => (
              <Input
                {...attributes}
                type={field === 'secretAccessKey' ? 'password' : 'text'}
                required={field !== 'prefix'}
                autoComplete="off"
                spellCheck={false}
                value={store[field] ?? ''}
                placeholder={placeholder}
                onChange={(event) => setStore({ ...store, [field]: event.target.value })}
              />
              )}
            </Field>
          ))
        )}
        {error !== null && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Stream it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
