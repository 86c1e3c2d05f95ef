import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { AuditEntry, AuditQuery } from '@portico/sdk'
import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { portico } from '../../api/portico.js'
import { cx } from '../../lib/cx.js'
import { deviceName } from '../../lib/device.js'
import { Button } from '../../ui/button.js'
import { CopyId } from '../../ui/copy.js'
import { Empty } from '../../ui/empty.js'
import { actorName } from '../../ui/event-list.js'
import { ErrorNote } from '../../ui/note.js'
import { Page } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { AuditFilters, filterOf, type AuditSearch } from './audit-filters.js'
import { ExportAudit } from './export-audit.js'
import { useStream } from './use-stream.js'

const PAGE_SIZE = 50
const WATCH_MS = 5_000

type AuditPage = Awaited<ReturnType<typeof fetchPage>>
const fetchPage = async (query: AuditQuery, signal: AbortSignal) => await portico.auditLog.list(query, { signal })

export default function Audit() {
  const { projectId } = useParams({ strict: false }) as { projectId?: string }
  const search = useSearch({ strict: false }) as AuditSearch
  const navigate = useNavigate()
  const filter: AuditQuery = {
    ...filterOf(search),
    ...(projectId !== undefined && { projectId }),
    ...(projectId && search.user && { userId: search.user }),
  }
  const events = useInfiniteQuery<AuditPage, Error, InfiniteData<AuditPage>, unknown[], string | undefined>({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      fetchPage({ ...filter, limit: PAGE_SIZE, ...(pageParam !== undefined && { cursor: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.page.nextCursor ?? undefined,
    // New events come in at the top while nobody has gone further back.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : WATCH_MS),
  })
  useStream(projectId)
  const change = (to: Record<string, string | undefined>) => void navigate({ to: '.', search: { ...search, ...to }, replace: true })
  const rows = events.data?.pages.flatMap((page) => page.data) ?? []
  const filtered = Object.keys(filterOf(search)).length > 0 || search.user !== undefined
  return (
    <Page
      title="Audit"
      lead={
        projectId
          ? 'Everything that happened in this project, newest first.'
          : 'Everything that happened in this workspace and its projects, newest first.'
      }
      wide
      actions={<ExportAudit filter={filter} />}
    >
      <AuditFilters search={search} inProject={projectId !== undefined} onChange={change} />
      <div className="panel">
        {events.error ? (
          <div className="p-4">
            <ErrorNote error={events.error} retry={() => void events.refetch()} />
          </div>
        ) : !events.data ? (
          <SkeletonRows rows={12} />
        ) : rows.length === 0 ? (
          <Empty title={filtered ? 'Nothing matches' : 'Nothing has happened yet'}>
            {filtered
              ? 'Take a filter away, or choose a longer time.'
              : 'Sign-ups, sign-ins, changes of settings and everything an operator does are written here.'}
          </Empty>
        ) : (
          <>
            <Rows rows={rows} onFilter={change} inProject={projectId !== undefined} />
            {events.hasNextPage && (
              <div className="border-t border-line p-2 text-center">
                <Button look="quiet" busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                  Older
                </Button>
              </div>
            )}
          </>
        )}
      </div>
    </Page>
  )
}

function Rows({ rows, onFilter, inProject }: { rows: AuditEntry[]; onFilter: (to: Record<string, string>) => void; inProject: boolean }) {
  const [open, setOpen] = useState<string | null>(null)
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm" aria-label="Events">
        <thead>
          <tr className="border-b border-line text-left text-xs text-faint">
            <th scope="col" className="py-2 pr-2 pl-4 font-medium">
              Event
            </th>
            <th scope="col" className="hidden px-2 py-2 font-medium sm:table-cell">
              By
            </th>
            <th scope="col" className="hidden px-2 py-2 font-medium lg:table-cell">
              From
            </th>
            <th scope="col" className="py-2 pr-4 pl-2 text-right font-medium">
              When
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((event) => (
            <Fragment key={event.id}>
              <tr className="hover:bg-hover/60">
                <td className="py-1.5 pr-2 pl-2">
                  <button
                    type="button"
                    aria-expanded={open === event.id}
                    onClick={() => setOpen(open === event.id ? null : event.id)}
                    className="flex items-center gap-1.5 rounded px-1 text-left"
                  >
                    <ChevronRight className={cx('size-3.5 shrink-0 text-faint transition-transform', open === event.id && 'rotate-90')} />
                    <span className="font-mono text-xs leading-5">{event.action}</span>
                  </button>
                </td>
                <td className="hidden max-w-56 px-2 sm:table-cell">
                  {event.actorId ? (
                    <button
                      type="button"
                      className="max-w-full truncate rounded px-1 text-left text-soft hover:bg-hover hover:text-ink"
                      title={`Only events by ${event.actorId}`}
                      onClick={() => onFilter({ actor: event.actorId ?? '' })}
                    >
                      {actorName(event)}
                    </button>
                  ) : (
                    <span className="px-1 text-soft">{actorName(event)}</span>
                  )}
                </td>
                <td className="hidden px-2 text-soft lg:table-cell">
                  {event.ip && <span className="font-mono text-xs">{event.ip}</span>}
                  {event.userAgent && <span className="ml-2">{deviceName(event.userAgent)}</span>}
                </td>
                <td className="pr-4 pl-2 text-right text-soft">
                  <Time at={event.createdAt} />
                </td>
              </tr>
              {open === event.id && (
                <tr>
                  <td colSpan={4} className="bg-sunken px-4 py-3">
                    <Detail event={event} inProject={inProject} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Detail({ event, inProject }: { event: AuditEntry; inProject: boolean }) {
  const facts: [string, string | null][] = [
    ['Event', event.id],
    ['By', event.actorId],
    [event.resource.replace('_', ' '), event.resourceId],
    ...(inProject ? [] : [['Project', event.projectId] as [string, string | null]]),
    ['Address', event.ip],
    ['Client', event.userAgent],
  ]
  return (
    <div className="grid gap-3 text-xs lg:grid-cols-2">
      <dl className="grid grid-cols-[5rem_1fr] gap-x-3 gap-y-1">
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <Fragment key={name}>
                <dt className="text-faint capitalize">{name}</dt>
                <dd className="min-w-0">
                  <CopyId value={value} label={name} />
                </dd>
              </Fragment>
            ),
        )}
      </dl>
      <pre className="overflow-x-auto rounded-md border border-line bg-panel p-2 font-mono leading-5" tabIndex={0} aria-label="Metadata">
        {JSON.stringify(event.metadata, null, 2)}
      </pre>
    </div>
  )
}
