import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { portico } from '../../api/portico.js'
import { saveFile } from '../../lib/save-file.js'
import { Button } from '../../ui/button.js'
import { Menu, MenuItem } from '../../ui/menu.js'
import { toast } from '../../ui/toast.js'

type Filter = NonNullable<Parameters<typeof portico.users.exportText>[1]>

/** Everybody whom the list is of, not only this page; written to the audit log. */
export function ExportPeople({ projectId, filter }: { projectId: string; filter: Filter }) {
  const run = useMutation({
    mutationFn: async (format: 'csv' | 'ndjson') => {
      const parts: string[] = []
      for await (const part of portico.users.exportText(projectId, { ...filter, format })) parts.push(part)
      saveFile(`people.${format}`, parts, format === 'csv' ? 'text/csv' : 'application/x-ndjson')
    },
    onError: toast.failed,
  })
  return (
    <Menu
      trigger={
        <Button icon={<Download className="size-3.5" />} busy={run.isPending}>
          Export
        </Button>
      }
    >
      <MenuItem onClick={() => run.mutate('csv')}>As CSV</MenuItem>
      <MenuItem onClick={() => run.mutate('ndjson')}>As JSON lines</MenuItem>
    </Menu>
  )
}
