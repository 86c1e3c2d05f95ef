import { Body, Controller, Get, HttpCode, Inject, Patch, Post, Query, Res } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { FastifyReply } from 'fastify'
import { jsonObject } from '../http/json-object.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { projectAuthAnswer } from './project-auth.answer.js'
import { readProjectAuthBody, StatusQuery } from './project-auth.body.js'

/** The form of the published clients. */
@Controller('api/v1/project-auth')
export class ProjectAuthController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('status') @Access({ permission: 'auth.read' })
  async status(@Principal() caller: Caller, @Query(validatedQuery(StatusQuery)) query: StatusQuery) {
    return { data: projectAuthAnswer(query, await this.use.projectAuth.status(caller, query)) }
  }

  @Post('enable')
  @Access({ permission: 'auth.write' })
  async enable(
    @Principal() caller: Caller,
    @Body(jsonObject) body: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { resource, settings } = readProjectAuthBody(body)
    const { first, auth } = await this.use.projectAuth.enable(caller, resource, settings)
    reply.code(first ? 201 : 200)
    return { data: projectAuthAnswer(resource, auth) }
  }

  @Post('disable') @HttpCode(200) @Access({ permission: 'auth.write' })
  async disable(@Principal() caller: Caller, @Body(jsonObject) body: Record<string, unknown>) {
    const { resource } = readProjectAuthBody(body)
    return { data: projectAuthAnswer(resource, await this.use.projectAuth.disable(caller, resource)) }
  }

  @Patch('config') @Access({ permission: 'auth.write' })
  async configure(@Principal() caller: Caller, @Body(jsonObject) body: Record<string, unknown>) {
    const { resource, settings } = readProjectAuthBody(body)
    return { data: projectAuthAnswer(resource, await this.use.projectAuth.configure(caller, resource, settings)) }
  }
}
