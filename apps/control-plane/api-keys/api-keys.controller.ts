import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { formatId, parseId } from '@portico/kernel/ids'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer } from '../http/page-answer.js'
import { PageQuery } from '../http/page.body.js'
import { pathId } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { apiKeyAnswer } from './api-key.answer.js'
import { CreateApiKeyBody } from './api-key.body.js'
import { readInstant } from '../http/instant.js'

@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ permission: 'keys.manage' })
  async create(@Principal() caller: Caller, @Body(validated(CreateApiKeyBody)) body: CreateApiKeyBody) {
    const expiresAt = readInstant('expires_at', body.expiresAt || undefined) ?? null
    const { name, scopes, mode, readOnly } = body
    // What is no id names no project, as an unknown id does.
    const projectIds = body.projectIds?.map((id) => parseId('proj', id) ?? id)
    const { row, key } = await this.use.createApiKey.execute(caller, { name, scopes, mode, readOnly, projectIds, expiresAt })
    return { data: { ...apiKeyAnswer(row), key } }
  }

  @Get() @Access({ permission: 'keys.manage' })
  async list(@Principal() caller: Caller, @Query(validatedQuery(PageQuery)) query: PageQuery) {
    return pageAnswer(await this.use.listApiKeys.execute(caller, readPage(query)), apiKeyAnswer)
  }

  @Delete(':keyId') @Access({ permission: 'keys.manage' })
  async revoke(@Principal() caller: Caller, @Param('keyId', pathId('key')) id: string) {
    const revoked = await this.use.revokeApiKey.execute(caller, id)
    return { data: { id: formatId('key', revoked.id), revoked_at: revoked.revokedAt.toISOString() } }
  }
}
