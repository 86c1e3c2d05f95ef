import type {
  CreateTenantWebhook,
  CreateWebhook,
  Listing,
  TenantWebhook,
  TenantWebhookDelivery,
  UpdateTenantWebhook,
  UpdateWebhook,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookRange,
  WebhookReplay,
} from '@portico/sdk'
import { CliError } from './cli-error.js'
import type { Context } from './context.js'

export interface PlaceOptions {
  project?: string
  /** Of every project of the tenant, or of chosen ones. */
  tenant?: boolean
}

export type Endpoint = Webhook | TenantWebhook
export type Delivery = WebhookDelivery | TenantWebhookDelivery
type Create = CreateWebhook & Pick<CreateTenantWebhook, 'projectIds'>
type Change = UpdateWebhook & Pick<UpdateTenantWebhook, 'projectIds'>

interface Endpoints {
  list(): PromiseLike<{ data: Endpoint[] }>
  create(input: Create): Promise<Endpoint & { secret: string }>
  update(id: string, change: Change): Promise<Endpoint>
  delete(id: string): Promise<void>
  rotateSecret(id: string): Promise<Endpoint & { secret: string }>
  test(id: string): Promise<Delivery>
  deliveries(id: string, query: WebhookDeliveryQuery): Listing<Delivery>
  resend(id: string, delivery: string): Promise<Delivery>
  replay(id: string, range: WebhookRange): Promise<WebhookReplay>
  replays(id: string): PromiseLike<{ data: WebhookReplay[] }>
}

/** The endpoints of one project, or those that hear of all of them: the same calls. */
export function endpointsOf(context: Context, { project, tenant }: PlaceOptions): Endpoints {
  const { webhooks } = context.platform()
  if (tenant) return webhooks.ofTenant
  const at = context.projectId(project)
  return {
    list: () => webhooks.list(at),
    create: (input) => webhooks.create(at, ofOneProject(input)),
    update: (id, change) => webhooks.update(at, id, ofOneProject(change)),
    delete: (id) => webhooks.delete(at, id),
    rotateSecret: (id) => webhooks.rotateSecret(at, id),
    test: (id) => webhooks.test(at, id),
    deliveries: (id, query) => webhooks.deliveries(at, id, query),
    resend: (id, delivery) => webhooks.resend(at, id, delivery),
    replay: (id, range) => webhooks.replay(at, id, range),
    replays: (id) => webhooks.replays(at, id),
  }
}

function ofOneProject<T extends { projectIds?: string[] }>({ projectIds, ...input }: T): Omit<T, 'projectIds'> {
  if (projectIds) throw new CliError('usage', '--projects goes with --tenant.')
  return input
}
