import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { formatId } from '@portico/kernel/ids'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer, wholeListAnswer } from '../http/page-answer.js'
import { pathId, pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { webhookAnswer, webhookDeliveryAnswer, webhookReplayAnswer, webhookSecretAnswer } from './webhook.answer.js'
import { ChangeWebhookBody, CreateWebhookBody, ReplayWebhooksBody, WebhookDeliveriesQuery } from './webhook.body.js'
import { readInstant } from '../http/instant.js'

@Controller('api/v1/projects/:projectId/webhooks')
export class WebhooksController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'webhooks.read' })
  async list(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.webhooks.list(scope)).map(webhookAnswer))
  }

  @Post() @Access({ permission: 'webhooks.manage' })
  async create(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(CreateWebhookBody)) body: CreateWebhookBody) {
    return { data: webhookSecretAnswer(await this.use.webhooks.create(scope, caller, body)) }
  }

  @Get(':webhookId') @Access({ permission: 'webhooks.read' })
  async read(@Project() scope: ProjectScope, @Param('webhookId', pathId('whk')) id: string) {
    return { data: webhookAnswer(await this.use.webhooks.read(scope, id)) }
  }

  @Patch(':webhookId') @Access({ permission: 'webhooks.manage' })
  async change(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Body(validated(ChangeWebhookBody)) body: ChangeWebhookBody,
  ) {
    return { data: webhookAnswer(await this.use.webhooks.change(scope, caller, id, body)) }
  }

  @Delete(':webhookId') @Access({ permission: 'webhooks.manage' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    await this.use.webhooks.remove(scope, caller, id)
    return { data: { id: formatId('whk', id), deleted: true } }
  }

  @Post(':webhookId/secret/rotate') @HttpCode(200) @Access({ permission: 'webhooks.manage' })
  async rotateSecret(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('webhookId', pathId('whk')) id: string) {
    return { data: webhookSecretAnswer(await this.use.webhooks.rotateSecret(scope, caller, id)) }
  }

  @Post(':webhookId/test') @Access({ permission: 'webhooks.manage' })
  async test(@Project() scope: ProjectScope, @Param('webhookId', pathId('whk')) id: string) {
    return { data: webhookDeliveryAnswer(await this.use.webhookDeliveries.test(scope, id)) }
  }

  @Post(':webhookId/replay') @HttpCode(202) @Access({ permission: 'webhooks.manage' })
  async replay(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('webhookId', pathId('whk')) id: string,
    @Body(validated(ReplayWebhooksBody)) { since, until }: ReplayWebhooksBody,
  ) {
    const range = { since: readInstant('since', since)!, until: readInstant('until', until) }
    return { data: webhookReplayAnswer(await this.use.webhookDeliveries.replay(scope, caller, id, range)) }
  }

  @Get(':webhookId/replays') @Access({ permission: 'webhooks.read' })
  async replays(@Project() scope: ProjectScope, @Param('webhookId', pathId('whk')) id: string) {
    return wholeListAnswer((await this.use.webhookDeliveries.replays(scope, id)).map(webhookReplayAnswer))
  }

  @Get(':webhookId/replays/:replayId') @Access({ permission: 'webhooks.read' })
  async readReplay(
    @Project() scope: ProjectScope,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('replayId', pathUuid) replayId: string,
  ) {
    return { data: webhookReplayAnswer(await this.use.webhookDeliveries.readReplay(scope, id, replayId)) }
  }

  @Get(':webhookId/deliveries') @Access({ permission: 'webhooks.read' })
  async deliveries(
    @Project() scope: ProjectScope,
    @Param('webhookId', pathId('whk')) endpointId: string,
    @Query(validatedQuery(WebhookDeliveriesQuery)) { status, ...query }: WebhookDeliveriesQuery,
  ) {
    const page = await this.use.webhookDeliveries.list(scope, { endpointId, status: status ?? null }, readPage(query))
    return pageAnswer(page, webhookDeliveryAnswer)
  }

  @Get(':webhookId/deliveries/:deliveryId') @Access({ permission: 'webhooks.read' })
  async delivery(
    @Project() scope: ProjectScope,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('deliveryId', pathUuid) deliveryId: string,
  ) {
    return { data: webhookDeliveryAnswer(await this.use.webhookDeliveries.read(scope, id, deliveryId)) }
  }

  @Post(':webhookId/deliveries/:deliveryId/resend') @Access({ permission: 'webhooks.manage' })
  async resend(
    @Project() scope: ProjectScope,
    @Param('webhookId', pathId('whk')) id: string,
    @Param('deliveryId', pathUuid) deliveryId: string,
  ) {
    return { data: webhookDeliveryAnswer(await this.use.webhookDeliveries.resend(scope, id, deliveryId)) }
  }
}
