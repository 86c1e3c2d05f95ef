import { queryOptions } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type {
  CallOptions,
  CreateTenantWebhook,
  TenantWebhook,
  TenantWebhookDelivery,
  WebhookDeliveryQuery,
  WebhookRange,
  WebhookReplay,
} from '@portico/sdk'
import { plural } from '../lib/format.js'
import type { Tone } from '../ui/badge.js'
import { portico } from './portico.js'

/** Whose endpoints: of one project, or (`null`) of the tenant, which is told of all its projects or of chosen ones. */
export type WebhookOwner = string | null

/** An endpoint of a tenant names projects; one of a project is of that one. */
export type AnyWebhook = Omit<TenantWebhook, 'projectIds'> & { projectIds?: string[] }
/** A message of a tenant's endpoint says which project it is about. */
export type AnyDelivery = Omit<TenantWebhookDelivery, 'projectId'> & { projectId?: string | null }
export type WebhookInput = CreateTenantWebhook

interface DeliveryPage {
  data: AnyDelivery[]
  page: { nextCursor: string | null }
}

export const useWebhookOwner = (): WebhookOwner => (useParams({ strict: false }) as { projectId?: string }).projectId ?? null

/** The same calls under two addresses. */
export function webhooksOf(owner: WebhookOwner) {
  const [own, all] = [portico.webhooks, portico.webhooks.ofTenant]
  const ofOne = <T>(one: (projectId: string) => T, every: () => T): T => (owner === null ? every() : one(owner))
  return {
    list: async (options: CallOptions): Promise<AnyWebhook[]> =>
      ofOne<Promise<AnyWebhook[]>>(
        async (id) => (await own.list(id, options)).data,
        async () => (await all.list(options)).data,
      ),
    get: (id: string, options: CallOptions) =>
      ofOne<Promise<AnyWebhook>>((project) => own.get(project, id, options), () => all.get(id, options)),
    create: ({ projectIds, ...input }: WebhookInput) =>
      ofOne(
        (project) => own.create(project, input),
        () => all.create({ ...input, ...(projectIds && { projectIds }) }),
      ),
    update: (id: string, { projectIds, ...change }: Partial<WebhookInput> & { enabled?: boolean }) =>
      ofOne<Promise<AnyWebhook>>(
        (project) => own.update(project, id, change),
        () => all.update(id, { ...change, ...(projectIds && { projectIds }) }),
      ),
    delete: (id: string) => ofOne((project) => own.delete(project, id), () => all.delete(id)),
    rotateSecret: (id: string) =>
      ofOne<Promise<{ secret: string }>>((project) => own.rotateSecret(project, id), () => all.rotateSecret(id)),
    test: (id: string) => ofOne<Promise<AnyDelivery>>((project) => own.test(project, id), () => all.test(id)),
    replays: async (id: string, options: CallOptions): Promise<WebhookReplay[]> =>
      ofOne(
        async (project) => (await own.replays(project, id, options)).data,
        async () => (await all.replays(id, options)).data,
      ),
    replay: (id: string, range: WebhookRange) => ofOne((project) => own.replay(project, id, range), () => all.replay(id, range)),
    resend: (id: string, deliveryId: string) =>
      ofOne<Promise<AnyDelivery>>((project) => own.resend(project, id, deliveryId), () => all.resend(id, deliveryId)),
    deliveries: (id: string, query: WebhookDeliveryQuery, options: CallOptions): Promise<DeliveryPage> =>
      ofOne<Promise<DeliveryPage>>(
        async (project) => await own.deliveries(project, id, query, options),
        async () => await all.deliveries(id, query, options),
      ),
  }
}

/** Where the list of them is, and where one is. */
export const webhooksPath = (owner: WebhookOwner) => (owner === null ? '/webhooks' : '/projects/$projectId/webhooks')
export const webhookPath = (owner: WebhookOwner) => `${webhooksPath(owner)}/$webhookId`
export const webhookParams = (owner: WebhookOwner, webhookId?: string) => ({
  ...(owner !== null && { projectId: owner }),
  ...(webhookId !== undefined && { webhookId }),
})

export const webhooksKey = (owner: WebhookOwner) => (owner === null ? ['tenant-webhooks'] : ['project', owner, 'webhooks'])

export const webhooksQuery = (owner: WebhookOwner) =>
  queryOptions({
    queryKey: [...webhooksKey(owner), 'list'],
    queryFn: ({ signal }) => webhooksOf(owner).list({ signal }),
  })

export const webhookQuery = (owner: WebhookOwner, webhookId: string) =>
  queryOptions({
    queryKey: [...webhooksKey(owner), webhookId],
    queryFn: ({ signal }) => webhooksOf(owner).get(webhookId, { signal }),
  })

/** In one word, with its colour. */
export function webhookState({ enabled, disabledReason, failingSince }: AnyWebhook): [word: string, tone: Tone] {
  if (!enabled) return disabledReason === 'failing' ? ['off: it failed for five days', 'bad'] : ['off', 'neutral']
  return failingSince === null ? ['on', 'good'] : ['failing', 'warn']
}

export const eventsOf = ({ types }: AnyWebhook): string => (types.length === 0 ? 'every event' : plural(types.length, 'event'))

/** Of a tenant's endpoint. */
export const projectsOf = ({ projectIds = [] }: AnyWebhook): string =>
  projectIds.length === 0 ? 'every project' : plural(projectIds.length, 'project')
