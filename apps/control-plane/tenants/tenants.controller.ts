import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { apiKeyAnswer } from '../api-keys/api-key.answer.js'
import { pageAnswer } from '../http/page-answer.js'
import { PageQuery } from '../http/page.body.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { tenantAnswer } from './tenant.answer.js'
import { CreateTenantBody } from './tenant.body.js'

@Controller('api/v1/tenants')
export class TenantsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ permission: 'tenants.manage' })
  async create(@Principal() caller: Caller, @Body(validated(CreateTenantBody)) body: CreateTenantBody) {
    const { tenant, firstKey, key } = await this.use.createTenant.execute(caller, body)
    return { data: { ...tenantAnswer(tenant), api_key: { ...apiKeyAnswer(firstKey), key } } }
  }

  @Get() @Access({ permission: 'tenants.manage' })
  async list(@Query(validatedQuery(PageQuery)) query: PageQuery) {
    return pageAnswer(await this.use.listTenants.execute(readPage(query)), tenantAnswer)
  }
}
