import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { UsageRow } from '@portico/sdk'
import { Download } from 'lucide-react'
import { portico } from '../../api/portico.js'
import { saveFile } from '../../lib/save-file.js'
import { Button } from '../../ui/button.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { toast } from '../../ui/toast.js'
import { asCsv } from './usage-columns.js'
import { UsageTable } from './usage-table.js'

const PAGE_SIZE = 50

/** What each project used in one month; all of them as a file. */
export function ByProject({ month, title }: { month: { from: string; to: string }; title: string }) {
  const cursors = useCursors(month.from)
  const whole = { interval: 'month' as const, ...month }
  const query = { ...whole, limit: PAGE_SIZE, ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data, error, refetch } = useQuery({
    queryKey: ['usage', 'projects', query],
    queryFn: async ({ signal }) => await portico.usage.list(query, { signal }),
    placeholderData: keepPreviousData,
  })
  const save = useMutation({
    mutationFn: async () => {
      const rows: UsageRow[] = []
      for await (const row of portico.usage.list({ ...whole, limit: 100 })) rows.push(row)
      saveFile(`portico-usage-${month.from.slice(0, 7)}.csv`, [asCsv(rows)], 'text/csv')
    },
    onError: toast.failed,
  })
  return (
    <Card
      title={`By project, ${title}`}
      flush
      actions={
        <Button icon={<Download className="size-3.5" />} busy={save.isPending} onClick={() => save.mutate()}>
          Export
        </Button>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : data.data.length === 0 ? (
        <p className="px-4 py-4 text-sm text-soft">No project was used in this month.</p>
      ) : (
        <>
          <UsageTable
            label="By project"
            first="Project"
            rows={data.data}
            name={({ projectId, projectName }) =>
              projectId === null ? (
                'All projects'
              ) : (
                <Link to="/projects/$projectId" params={{ projectId }} className="hover:underline">
                  {projectName ?? projectId}
                </Link>
              )
            }
          />
          {(data.page.nextCursor || cursors.cursor !== undefined) && (
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={undefined} shown={data.data.length} />
          )}
        </>
      )}
    </Card>
  )
}
