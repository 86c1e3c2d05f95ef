import { useQuery } from '@tanstack/react-query'
import type { WebhookReplay } from '@portico/sdk'
import { webhooksKey, webhooksOf, type WebhookOwner } from '../../api/webhooks.js'
import { plural } from '../../lib/format.js'
import { Badge, type Tone } from '../../ui/badge.js'
import { Card } from '../../ui/page.js'
import { Time } from '../../ui/time.js'

const STATES: Record<WebhookReplay['status'], [word: string, tone: Tone]> = {
  running: ['runs', 'accent'],
  done: ['done', 'good'],
  cancelled: ['ended: the endpoint was turned off', 'neutral'],
  full: ['ended: as much as one replay sends', 'warn'],
}
const SHOWN = 5
const WATCH_MS = 1_500

/** How far what is sent again is; nothing where nothing was. */
export function Replays({ owner, webhookId }: { owner: WebhookOwner; webhookId: string }) {
  const { data: replays = [] } = useQuery({
    queryKey: [...webhooksKey(owner), webhookId, 'replays'],
    queryFn: ({ signal }) => webhooksOf(owner).replays(webhookId, { signal }),
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'running') ? WATCH_MS : false),
  })
  if (replays.length === 0) return null
  return (
    <Card title="Replays" flush>
      <ul className="divide-y divide-line">
        {replays.slice(0, SHOWN).map((replay) => (
          <li key={replay.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
            <span className="min-w-0 flex-1">
              <Time at={replay.since} /> until <Time at={replay.until} />
            </span>
            <span className="text-xs text-soft">{plural(replay.deliveries, 'message')}</span>
            <Badge tone={STATES[replay.status][1]}>{STATES[replay.status][0]}</Badge>
          </li>
        ))}
      </ul>
    </Card>
  )
}
