import { useMutation } from '@tanstack/react-query'
import type { AuditQuery } from '@portico/sdk'
import { Download, FileCheck, Filter, KeyRound, UserX } from 'lucide-react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useDenied } from '../../api/use-denied.js'
import { count, plural } from '../../lib/format.js'
import { saveFile } from '../../lib/save-file.js'
import { Button } from '../../ui/button.js'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.js'
import { toast } from '../../ui/toast.js'

// A file that a browser can hold; a script goes on for as long as it likes.
const MOST = 50_000

type What = 'chain' | 'found' | 'keys' | 'receipts'

/**
 * The whole log with its chain, which `portico audit verify` checks; what the filters find, which nothing can check, since a part of a
 * chain is none; the keys for it; and the receipts of erasures.
 */
export function ExportAudit({ filter }: { filter: AuditQuery }) {
  const { projectId } = filter
  const mayNot = useDenied(PERMISSIONS.readUsers)
  const run = useMutation({ mutationFn: (what: What) => SAVERS[what](filter), onSuccess: toast.done, onError: toast.failed })
  const item = (what: What) => () => run.mutate(what)
  return (
    <Menu
      trigger={
        <Button icon={<Download className="size-3.5" />} busy={run.isPending}>
          Export
        </Button>
      }
    >
      <MenuItem icon={<FileCheck className="size-3.5" />} onClick={item('chain')}>
        {projectId ? 'Whole log, to be verified' : 'Log of the workspace, to be verified'}
      </MenuItem>
      <MenuItem icon={<KeyRound className="size-3.5" />} onClick={item('keys')}>
        Keys to verify with
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<Filter className="size-3.5" />} onClick={item('found')}>
        What the filters find
      </MenuItem>
      {projectId && !mayNot && (
        <MenuItem icon={<UserX className="size-3.5" />} onClick={item('receipts')}>
          Receipts of erasures
        </MenuItem>
      )}
    </Menu>
  )
}

const SAVERS: Record<What, (filter: AuditQuery) => Promise<string>> = {
  async chain({ projectId }) {
    const parts: string[] = []
    for await (const part of portico.auditLog.exportText(projectId)) parts.push(part)
    saveFile('audit-log.ndjson', parts, 'application/x-ndjson')
    return 'Saved: check it with `portico audit verify audit-log.ndjson`'
  },
  async keys() {
    saveFile('audit-keys.json', [JSON.stringify({ keys: await portico.auditLog.keys() }, null, 2)], 'application/json')
    return 'Saved: keep them apart from the logs'
  },
  async found(filter) {
    const lines: string[] = []
    for await (const event of portico.auditLog.list({ ...filter, limit: 100 })) {
      lines.push(`${JSON.stringify(event)}\n`)
      if (lines.length >= MOST) break
    }
    saveFile('audit.ndjson', lines, 'application/x-ndjson')
    return lines.length < MOST ? `${count(lines.length)} events saved` : `The newest ${count(MOST)} events saved; a script gets all`
  },
  async receipts({ projectId }) {
    const receipts: object[] = []
    for await (const erasure of portico.users.erasures(projectId!, { limit: 100 })) receipts.push(erasure)
    saveFile('erasures.json', [JSON.stringify(receipts, null, 2)], 'application/json')
    return `${plural(receipts.length, 'receipt')} saved`
  },
}
