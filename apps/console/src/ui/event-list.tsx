import type { AuditEntry } from '@portico/sdk'
import { deviceName } from '../lib/device.js'
import { cx } from '../lib/cx.js'
import { Time } from './time.js'

const BAD = /failed|refused|reuse|evicted|deleted|removed|disabled|revoked|dead/

export const dotOf = (action: string): string =>
  BAD.test(action) ? 'bg-bad' : /created|signed_up|signed_in|verified|enabled|confirmed/.test(action) ? 'bg-good' : 'bg-line-strong'

/** `user.signed_in` → `user signed in`. */
export const eventName = (action: string): string => action.replaceAll(/[._]/g, ' ')

export const actorName = ({ actorType, actorId }: Pick<AuditEntry, 'actorType' | 'actorId'>): string =>
  actorType === 'api_key' ? (actorId ?? 'a key') : actorType === 'end_user' ? 'the person' : actorType.replace('_', ' ')

/** A few events, newest first, one line each. */
export function EventList({ events }: { events: AuditEntry[] }) {
  if (events.length === 0) return <p className="px-4 py-3 text-sm text-faint">Nothing yet.</p>
  return (
    <ol className="divide-y divide-line">
      {events.map((event) => (
        <li key={event.id} className="flex items-start gap-3 px-4 py-2 text-sm">
          <span className={cx('mt-2 size-1.5 shrink-0 rounded-full', dotOf(event.action))} aria-hidden="true" />
          <div className="min-w-0 flex-1">
            <p className="truncate">{eventName(event.action)}</p>
            <p className="truncate text-xs text-soft">
              {actorName(event)}
              {event.ip && <span className="font-mono"> · {event.ip}</span>}
              {event.userAgent && <> · {deviceName(event.userAgent)}</>}
            </p>
          </div>
          <span className="text-xs text-soft">
            <Time at={event.createdAt} />
          </span>
        </li>
      ))}
    </ol>
  )
}
