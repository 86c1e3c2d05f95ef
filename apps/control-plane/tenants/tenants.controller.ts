import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer, readPage } from '@portico/platform/paging'
import { PageQuery } from '../http/page.body.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../wiring.js'
import { CreateTenantBody } from './tenant.body.js'

@Controller('api/v1/tenants')
export class TenantsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post() @Access({ scope: 'tenants:write' })
  async create(@Principal() caller: Caller, @Body(validated(CreateTenantBody)) body: CreateTenantBody) {
    return { data: await this.use.createTenant.execute(caller, body) }
  }

  @Get() @Access({ scope: 'tenants:write' })
  async list(@Query(validatedQuery(PageQuery)) query: PageQuery) {
    return pageAnswer(await this.use.listTenants.execute(readPage(query)))
  }
}
