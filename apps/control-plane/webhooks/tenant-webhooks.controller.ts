import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { formatId, parseId } from '@portico/kernel/ids'
import { readPage } from '@portico/kernel/paging'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer, wholeListAnswer } from '../http/page-answer.js'
import { pathId, pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { tenantWebhookAnswer, tenantWebhookDeliveryAnswer, tenantWebhookSecretAnswer, webhookReplayAnswer } from './webhook.answer.js'
import { ChangeTenantWebhookBody, CreateTenantWebhookBody, ReplayWebhooksBody, WebhookDeliveriesQuery } from './webhook.body.js'
import { readInstant } from '../http/instant.js'

@Controller('api/v1/webhooks')
export class TenantWebhooksController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'webhooks.read' })
  async list(@Principal() caller: Caller) {
    return wholeListAnswer((await this.use.tenantWebhooks.list(caller)).map(tenantWebhookAnswer))
  }

  @Post() @Access({ permission: 'webhooks.manage' })
  async create(@Principal() caller: Caller, @Body(validated(CreateTenantWebhookBody)) body: CreateTenantWebhookBody) {
    return { data: tenantWebhookSecretAnswer(await this.use.tenantWebhooks.create(caller, withProjects(body))) }
  }

  @Get(':webhookId') @Access({ permission: 'webhooks.read' })
  async read(@Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    return { data: tenantWebhookAnswer(await this.use.tenantWebhooks.read(caller, id)) }
  }

  @Patch(':webhookId') @Access({ permission: 'webhooks.manage' })
  async change(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Body(validated(ChangeTenantWebhookBody)) body: ChangeTenantWebhookBody,
  ) {
    return { data: tenantWebhookAnswer(await this.use.tenantWebhooks.change(caller, id, withProjects(body))) }
  }

  @Delete(':webhookId') @Access({ permission: 'webhooks.manage' })
  async remove(@Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    await this.use.tenantWebhooks.remove(caller, id)
    return { data: { id: formatId('whk', id), deleted: true } }
  }

  @Post(':webhookId/secret/rotate') @HttpCode(200) @Access({ permission: 'webhooks.manage' })
  async rotateSecret(@Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    return { data: tenantWebhookSecretAnswer(await this.use.tenantWebhooks.rotateSecret(caller, id)) }
  }

  @Post(':webhookId/test') @Access({ permission: 'webhooks.manage' })
  async test(@Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    return { data: tenantWebhookDeliveryAnswer(await this.use.tenantWebhookDeliveries.test(caller, id)) }
  }

  @Post(':webhookId/replay') @HttpCode(202) @Access({ permission: 'webhooks.manage' })
  async replay(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Body(validated(ReplayWebhooksBody)) { since, until }: ReplayWebhooksBody,
  ) {
    const range = { since: readInstant('since', since)!, until: readInstant('until', until) }
    return { data: webhookReplayAnswer(await this.use.tenantWebhookDeliveries.replay(caller, id, range)) }
  }

  @Get(':webhookId/replays') @Access({ permission: 'webhooks.read' })
  async replays(@Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    return wholeListAnswer((await this.use.tenantWebhookDeliveries.replays(caller, id)).map(webhookReplayAnswer))
  }

  @Get(':webhookId/replays/:replayId') @Access({ permission: 'webhooks.read' })
  async readReplay(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('replayId', pathUuid) replayId: string,
  ) {
    return { data: webhookReplayAnswer(await this.use.tenantWebhookDeliveries.readReplay(caller, id, replayId)) }
  }

  @Get(':webhookId/deliveries') @Access({ permission: 'webhooks.read' })
  async deliveries(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) endpointId: string,
    @Query(validatedQuery(WebhookDeliveriesQuery)) { status, ...query }: WebhookDeliveriesQuery,
  ) {
    const page = await this.use.tenantWebhookDeliveries.list(caller, { endpointId, status: status ?? null }, readPage(query))
    return pageAnswer(page, tenantWebhookDeliveryAnswer)
  }

  @Get(':webhookId/deliveries/:deliveryId') @Access({ permission: 'webhooks.read' })
  async delivery(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('deliveryId', pathUuid) deliveryId: string,
  ) {
    return { data: tenantWebhookDeliveryAnswer(await this.use.tenantWebhookDeliveries.read(caller, id, deliveryId)) }
  }

  @Post(':webhookId/deliveries/:deliveryId/resend') @Access({ permission: 'webhooks.manage' })
  async resend(
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('deliveryId', pathUuid) deliveryId: string,
  ) {
    return { data: tenantWebhookDeliveryAnswer(await this.use.tenantWebhookDeliveries.resend(caller, id, deliveryId)) }
  }
}

/** What is no id names no project of theirs. */
function withProjects<T extends { project_ids?: string[] }>({ project_ids: ids, ...body }: T) {
  return { ...body, ...(ids && { projectIds: ids.map((id) => parseId('proj', id) ?? '') }) }
}
