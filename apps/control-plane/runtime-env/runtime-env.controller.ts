import { Body, Controller, Delete, Get, Inject, Param, Put, Query, Res } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { toDotenv, toKubernetesSecret, toShell } from '@portico/platform/runtime-env/format-env'
import type { FastifyReply } from 'fastify'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../wiring.js'
import { RuntimeEnvQuery, SetVariableBody, SetVariablesBody } from './runtime-env.body.js'

@Controller('api/v1/projects/:projectId')
export class RuntimeEnvController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('runtime-env') @Access({ scope: 'env:read' })
  async read(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Query(validatedQuery(RuntimeEnvQuery)) query: RuntimeEnvQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const read = await this.use.readRuntimeEnv.execute(scope, caller)
    switch (query.format) {
      case 'dotenv':
        reply.type('text/plain; charset=utf-8')
        return toDotenv(read.env)
      case 'shell':
        reply.type('text/plain; charset=utf-8')
        return toShell(read.env)
      case 'k8s-secret':
        reply.type('application/yaml; charset=utf-8')
        return toKubernetesSecret(scope.projectId, read.env)
      default:
        return { data: read }
    }
  }

  @Put('runtime-env') @Access({ scope: 'auth:write' })
  async setAll(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(SetVariablesBody)) body: SetVariablesBody) {
    return { data: await this.use.setVariables.execute(scope, caller, body.variables) }
  }

  @Get(['variables', 'runtime-env/variables']) @Access({ scope: 'auth:read' })
  async list(@Project() scope: ProjectScope) {
    const data = await this.use.listVariables.execute(scope)
    return { data, page: { limit: data.length, next_cursor: null, total: data.length } }
  }

  @Put('runtime-env/:name') @Access({ scope: 'auth:write' })
  async set(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('name') name: string,
    @Body(validated(SetVariableBody)) body: SetVariableBody,
  ) {
    return { data: await this.use.setVariables.execute(scope, caller, { [name]: body.value }) }
  }

  @Delete('runtime-env/:name') @Access({ scope: 'auth:write' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('name') name: string) {
    return { data: await this.use.setVariables.execute(scope, caller, { [name]: null }) }
  }
}
