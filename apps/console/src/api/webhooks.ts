import { queryOptions } from '@tanstack/react-query'
import type { Webhook } from '@portico/sdk'
import { plural } from '../lib/format.js'
import type { Tone } from '../ui/badge.js'
import { portico } from './portico.js'

export const webhooksKey = (projectId: string) => ['project', projectId, 'webhooks']

export const webhooksQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...webhooksKey(projectId), 'list'],
    queryFn: async ({ signal }) => (await portico.webhooks.list(projectId, { signal })).data,
  })

export const webhookQuery = (projectId: string, webhookId: string) =>
  queryOptions({
    queryKey: [...webhooksKey(projectId), webhookId],
    queryFn: ({ signal }) => portico.webhooks.get(projectId, webhookId, { signal }),
  })

/** In one word, with its colour. */
export function webhookState({ enabled, disabledReason, failingSince }: Webhook): [word: string, tone: Tone] {
  if (!enabled) return disabledReason === 'failing' ? ['off: it failed for five days', 'bad'] : ['off', 'neutral']
  return failingSince === null ? ['on', 'good'] : ['failing', 'warn']
}

export const eventsOf = ({ types }: Webhook): string => (types.length === 0 ? 'every event' : plural(types.length, 'event'))
