import { Body, Controller, Delete, Get, Inject, Param, Put, Query, Res } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { FastifyReply } from 'fastify'
import { wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { toDotenv, toKubernetesSecret, toShell } from './format-env.js'
import { changedVariablesAnswer, runtimeEnvAnswer, variableAnswer } from './runtime-env.answer.js'
import { RuntimeEnvQuery, SetVariableBody, SetVariablesBody } from './runtime-env.body.js'

@Controller('api/v1/projects/:projectId')
export class RuntimeEnvController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('runtime-env') @Access({ permission: 'env.read' })
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
        return { data: runtimeEnvAnswer(read) }
    }
  }

  @Put('runtime-env') @Access({ permission: 'auth.write' })
  async setAll(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(SetVariablesBody)) body: SetVariablesBody) {
    return { data: changedVariablesAnswer(await this.use.setVariables.execute(scope, caller, body.variables)) }
  }

  @Get(['variables', 'runtime-env/variables']) @Access({ permission: 'auth.read' })
  async list(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.listVariables.execute(scope)).map(variableAnswer))
  }

  @Put('runtime-env/:name') @Access({ permission: 'auth.write' })
  async set(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('name') name: string,
    @Body(validated(SetVariableBody)) body: SetVariableBody,
  ) {
    return { data: changedVariablesAnswer(await this.use.setVariables.execute(scope, caller, { [name]: body.value })) }
  }

  @Delete('runtime-env/:name') @Access({ permission: 'auth.write' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('name') name: string) {
    return { data: changedVariablesAnswer(await this.use.setVariables.execute(scope, caller, { [name]: null })) }
  }
}
