import { useMutation } from '@tanstack/react-query'
import type { AuditQuery } from '@portico/sdk'
import { Download } from 'lucide-react'
import { portico } from '../../api/portico.js'
import { count } from '../../lib/format.js'
import { saveFile } from '../../lib/save-file.js'
import { Button } from '../../ui/button.js'
import { toast } from '../../ui/toast.js'

// A file that a browser can hold; a script goes on for as long as it likes.
const MOST = 50_000

/** What the filters find, as JSON lines, newest first: page by page, as the SDK's own loop does it. */
export function ExportAudit({ filter }: { filter: AuditQuery }) {
  const run = useMutation({
    mutationFn: async () => {
      const lines: string[] = []
      for await (const event of portico.auditLog.list({ ...filter, limit: 100 })) {
        lines.push(`${JSON.stringify(event)}\n`)
        if (lines.length >= MOST) break
      }
      saveFile('audit.ndjson', lines, 'application/x-ndjson')
      return lines.length
    },
    onSuccess: (lines) =>
      toast.done(lines < MOST ? `${count(lines)} events saved` : `The newest ${count(MOST)} events saved; a script gets all`),
    onError: toast.failed,
  })
  return (
    <Button icon={<Download className="size-3.5" />} busy={run.isPending} onClick={() => run.mutate()}>
      Export
    </Button>
  )
}
