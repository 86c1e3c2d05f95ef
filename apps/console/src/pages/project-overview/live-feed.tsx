import { Link } from '@tanstack/react-router'
import type { ProjectEvent } from '@portico/sdk'
import { useEffect, useState } from 'react'
import { PERMISSIONS } from '../../api/permissions.js'
import { portico } from '../../api/portico.js'
import { useCan } from '../../api/session.js'
import { cx } from '../../lib/cx.js'
import { dotOf, eventName } from '../../ui/event-list.js'
import { Card } from '../../ui/page.js'
import { SkeletonRows } from '../../ui/skeleton.js'
import { Time } from '../../ui/time.js'

const SHOWN = 12

function newest(some: readonly ProjectEvent[], others: readonly ProjectEvent[] | null): ProjectEvent[] {
  const all = new Map([...(others ?? []), ...some].map((event) => [event.id, event]))
  return [...all.values()].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).slice(0, SHOWN)
}

/** What happens, as it happens: the newest events, then the server-sent ones after them. */
export function LiveFeed({ projectId }: { projectId: string }) {
  const may = useCan(PERMISSIONS.readAudit)
  const [events, setEvents] = useState<ProjectEvent[] | null>(null)
  const [state, setState] = useState<'connecting' | 'live' | 'failed'>('connecting')
  useEffect(() => {
    if (!may) return
    const controller = new AbortController()
    const { signal } = controller
    const follow = async () => {
      const onOpen = () => {
        setState('live')
        readNewest().catch(() => !signal.aborted && setState('failed'))
      }
      for await (const event of portico.events.follow(projectId, { signal, onOpen })) setEvents((before) => newest([event], before))
    }
    // Once the stream is open, so that nothing falls between the two; what both tell is shown once.
    const readNewest = async () => {
      const { data } = await portico.events.list(projectId, { limit: SHOWN }, { signal })
      setEvents((before) => newest(data, before))
    }
    follow().catch(() => !signal.aborted && setState('failed'))
    return () => controller.abort()
  }, [projectId, may])
  if (!may) return null
  return (
    <Card
      title="Live"
      flush
      actions={
        <span className="flex items-center gap-1.5 text-xs text-soft">
          <span
            className={cx('size-1.5 rounded-full', state === 'live' ? 'bg-good' : state === 'failed' ? 'bg-bad' : 'bg-line-strong')}
            aria-hidden="true"
          />
          {{ connecting: 'connecting', live: 'as it happens', failed: 'the stream ended' }[state]}
        </span>
      }
    >
      {events === null ? (
        <SkeletonRows rows={4} />
      ) : events.length === 0 ? (
        <p className="px-4 py-3 text-sm text-faint">Nothing yet. A sign-up shows here within a second.</p>
      ) : (
        <ol className="divide-y divide-line" aria-live="polite" aria-label="Events">
          {events.map((event) => (
            <li key={event.id} className="flex items-center gap-2.5 px-4 py-1.5 text-sm">
              <span className={cx('size-1.5 shrink-0 rounded-full', dotOf(event.type))} aria-hidden="true" />
              <span className="min-w-0 flex-1 truncate">
                {event.actor.type === 'end_user' && event.actor.id ? (
                  <Link to="/projects/$projectId/people/$userId" params={{ projectId, userId: event.actor.id }} className="hover:underline">
                    {eventName(event.type)}
                  </Link>
                ) : (
                  eventName(event.type)
                )}
              </span>
              <span className="text-xs text-soft">
                <Time at={event.createdAt} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}
