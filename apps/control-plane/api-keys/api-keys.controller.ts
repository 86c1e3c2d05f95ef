import { Body, Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer, readPage } from '@portico/platform/paging'
import { PageQuery } from '../http/page.body.js'
import { pathId } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../wiring.js'
import { CreateApiKeyBody } from './api-key.body.js'

@Controller('api/v1/api-keys')
export class ApiKeysController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ scope: 'keys:write' })
  async create(@Principal() caller: Caller, @Body(validated(CreateApiKeyBody)) body: CreateApiKeyBody) {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null
    return { data: await this.use.createApiKey.execute(caller, { name: body.name, scopes: body.scopes, mode: body.mode, expiresAt }) }
  }

  @Get() @Access({ scope: 'keys:write' })
  async list(@Principal() caller: Caller, @Query(validatedQuery(PageQuery)) query: PageQuery) {
    return pageAnswer(await this.use.listApiKeys.execute(caller, readPage(query)))
  }

  @Delete(':keyId') @Access({ scope: 'keys:write' })
  async revoke(@Principal() caller: Caller, @Param('keyId', pathId('key')) id: string) {
    return { data: await this.use.revokeApiKey.execute(caller, id) }
  }
}
