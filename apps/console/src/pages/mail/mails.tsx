import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ProjectMail } from '@portico/sdk'
import { useState } from 'react'
import { portico } from '../../api/portico.js'
import { useDebounced } from '../../lib/use-debounced.js'
import { Badge } from '../../ui/badge.js'
import { Empty } from '../../ui/empty.js'
import { SearchInput, Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { DataTable, type Column } from '../../ui/table.js'
import { Time } from '../../ui/time.js'
import { kindName, sayReason, STATES } from './mail-words.js'

const PAGE_SIZE = 50

const COLUMNS: Column<ProjectMail>[] = [
  {
    id: 'to',
    header: 'To',
    cell: (mail) => (
      <span className="block min-w-0 py-0.5">
        <span className="block truncate font-medium">{mail.to ?? 'Not decided yet'}</span>
        <span className="block truncate text-xs text-soft">{kindName(mail.kind)}</span>
        <Why mail={mail} />
      </span>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: (mail) => {
      const [word, tone, meaning] = STATES[mail.state]
      return (
        <Badge tone={tone} title={meaning}>
          {word}
        </Badge>
      )
    },
  },
  {
    id: 'tries',
    header: 'Tries',
    wide: true,
    align: 'right',
    cell: ({ attempts, nextAttemptAt }) => (
      <span className="text-soft">
        {attempts}
        {nextAttemptAt && (
          <span className="block text-xs">
            next <Time at={nextAttemptAt} />
          </span>
        )}
      </span>
    ),
  },
  { id: 'at', header: 'When', align: 'right', cell: (mail) => <Time at={mail.createdAt} /> },
]

/** Why it did not arrive, in a sentence; then what the sender said, word for word. */
function Why({ mail }: { mail: ProjectMail }) {
  if (mail.reason === null || mail.state === 'sent' || mail.state === 'delivered') return null
  return (
    <span className="mt-1 block text-xs whitespace-normal">
      {sayReason(mail.reason)}{' '}
      <span className="text-faint">
        {mail.detail && `“${mail.detail}” `}
        <code className="font-mono">{mail.reason}</code>
      </span>
    </span>
  )
}

export function Mails({ projectId }: { projectId: string }) {
  const search = useSearch({ strict: false }) as { state?: string; address?: string }
  const navigate = useNavigate()
  const [text, setText] = useState(search.address ?? '')
  const address = useDebounced(text.trim(), 400)
  const state = search.state !== undefined && search.state in STATES ? (search.state as ProjectMail['state']) : undefined
  const cursors = useCursors(JSON.stringify([state, address]))
  const query = {
    limit: PAGE_SIZE,
    ...(state && { state }),
    ...(address && { address }),
    ...(cursors.cursor !== undefined && { cursor: cursors.cursor }),
  }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ['project', projectId, 'mails', query],
    queryFn: async ({ signal }) => await portico.mail.list(projectId, query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  const change = (to: Record<string, string | undefined>) => void navigate({ to: '.', search: { ...search, ...to }, replace: true })
  return (
    <>
      <div className="mb-3 flex flex-wrap gap-2">
        <div className="w-full sm:w-80">
          <SearchInput
            label="Whole address"
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              change({ address: event.target.value || undefined })
            }}
          />
        </div>
        <Select aria-label="State" value={state ?? ''} onChange={(event) => change({ state: event.target.value || undefined })}>
          <option value="">Any state</option>
          {Object.entries(STATES).map(([value, [word]]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </Select>
      </div>
      <div className="panel">
        {error ? (
          <div className="p-4">
            <ErrorNote error={error} retry={() => void refetch()} />
          </div>
        ) : !data ? (
          <SkeletonRows />
        ) : data.data.length === 0 ? (
          state || address ? (
            <Empty title="No mail matches">Mails are kept for 30 days; those that failed, for longer.</Empty>
          ) : (
            <Empty
              title="No mail yet"
              sdk={`for await (const mail of portico.mail.list('${projectId}', { state: 'bounced' }))\n  console.log(mail.to, mail.reason)`}
            >
              Confirmations, resets, sign-in links and invitations stand here with what became of each, and why one did not arrive.
            </Empty>
          )
        ) : (
          <>
            <DataTable label="Mails" columns={COLUMNS} rows={data.data} rowId={({ id }) => id} stale={isPlaceholderData} />
            <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={undefined} shown={data.data.length} />
          </>
        )}
      </div>
    </>
  )
}
