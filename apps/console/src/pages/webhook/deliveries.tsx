import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { webhooksKey, webhooksOf, type AnyDelivery, type WebhookOwner } from '../../api/webhooks.js'
import { cx } from '../../lib/cx.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Select } from '../../ui/field.js'
import { ErrorNote } from '../../ui/note.js'
import { Card } from '../../ui/page.js'
import { Pager, useCursors } from '../../ui/pager.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'
import { Delivery } from './delivery.js'

type Status = AnyDelivery['status']

const PAGE_SIZE = 25
const TONES: Record<Status, Tone> = { pending: 'accent', delivered: 'good', failed: 'bad' }
const WORDS: Record<Status, string> = { pending: 'waits', delivered: 'taken', failed: 'given up' }
// Soon while something is on its way; else often enough to see what comes by itself.
const WATCH_MS = { moving: 1_500, still: 10_000 }

/** What was sent in the last 30 days, and what the endpoint said. */
export function Deliveries({ owner, webhookId }: { owner: WebhookOwner; webhookId: string }) {
  const search = useSearch({ strict: false }) as { status?: string }
  const navigate = useNavigate()
  const status = search.status !== undefined && search.status in TONES ? (search.status as Status) : undefined
  const cursors = useCursors(status ?? '')
  const [open, setOpen] = useState<string | null>(null)
  const query = { limit: PAGE_SIZE, ...(status && { status }), ...(cursors.cursor !== undefined && { cursor: cursors.cursor }) }
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: [...webhooksKey(owner), webhookId, 'deliveries', query],
    queryFn: async ({ signal }) => await webhooksOf(owner).deliveries(webhookId, query, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.data.some(({ status: now }) => now === 'pending') ? WATCH_MS.moving : WATCH_MS.still),
  })
  return (
    <Card
      title="Log"
      lead="The last 30 days, newest first."
      flush
      actions={
        <Select
          aria-label="State"
          value={status ?? ''}
          onChange={(event) => void navigate({ to: '.', search: { status: event.target.value || undefined }, replace: true })}
        >
          <option value="">All</option>
          {(Object.keys(TONES) as Status[]).map((one) => (
            <option key={one} value={one}>
              {WORDS[one]}
            </option>
          ))}
        </Select>
      }
    >
      {error ? (
        <div className="p-4">
          <ErrorNote error={error} retry={() => void refetch()} />
        </div>
      ) : !data ? (
        <SkeletonRows rows={4} />
      ) : data.data.length === 0 ? (
        <p className="px-4 py-6 text-sm text-soft">
          {status ? 'None of that state.' : 'Nothing was sent yet. A test message shows whether the endpoint is reached.'}
        </p>
      ) : (
        <>
          <ul className={cx('divide-y divide-line', isPlaceholderData && 'opacity-60')}>
            {data.data.map((delivery) => (
              <Fragment key={delivery.id}>
                <Row delivery={delivery} open={open === delivery.id} onToggle={() => setOpen(open === delivery.id ? null : delivery.id)} />
                {open === delivery.id && (
                  <li className="bg-sunken px-4 py-3">
                    <Delivery owner={owner} webhookId={webhookId} delivery={delivery} />
                  </li>
                )}
              </Fragment>
            ))}
          </ul>
          <Pager cursors={cursors} nextCursor={data.page.nextCursor} total={undefined} shown={data.data.length} />
        </>
      )}
    </Card>
  )
}

function Row({ delivery, open, onToggle }: { delivery: AnyDelivery; open: boolean; onToggle: () => void }) {
  const last = delivery.tries.at(-1)
  return (
    <li>
      <button type="button" aria-expanded={open} onClick={onToggle} className="flex w-full items-center gap-3 px-4 py-2 text-left hover:bg-hover/60">
        <ChevronRight className={cx('size-3.5 shrink-0 text-faint transition-transform', open && 'rotate-90')} aria-hidden="true" />
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{delivery.type}</span>
        {last?.status != null && <span className="hidden text-xs text-soft sm:inline">answered {last.status}</span>}
        <Badge tone={TONES[delivery.status]}>{WORDS[delivery.status]}</Badge>
        <span className="w-24 text-right text-xs text-soft">
          <Time at={delivery.createdAt} />
        </span>
      </button>
    </li>
  )
}
