import { Body, Controller, Delete, Get, HttpCode, Inject, Patch, Post, Query, Res } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, CurrentProject, Principal, Project } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { FastifyReply } from 'fastify'
import { jsonObject } from '../http/json-object.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { authServiceAnswer } from './auth-service.answer.js'
import { ChangeAuthQuery, RotateSecretBody } from './auth-service.body.js'
import { settingsAndForce } from './settings-and-force.js'
import { settingsPreviewAnswer } from './settings-preview.answer.js'
import { rotationAnswer } from './rotation.answer.js'

@Controller('api/v1/projects/:projectId/auth')
export class AuthServiceController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  /** 201 the first time, 200 after. */
  @Post() @Access({ permission: 'auth.write' })
  async enable(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(jsonObject) body: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { first, auth } = await this.use.enableAuth.execute(project, caller, ...settingsAndForce(body))
    reply.code(first ? 201 : 200)
    return { data: authServiceAnswer(auth) }
  }

  @Get() @Access({ permission: 'auth.read' })
  async read(@Project() scope: ProjectScope) {
    return { data: authServiceAnswer(await this.use.readAuth.execute(scope)) }
  }

  @Patch() @Access({ permission: 'auth.write' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(jsonObject) body: Record<string, unknown>,
    @Query(validatedQuery(ChangeAuthQuery)) query: ChangeAuthQuery,
  ) {
    const asked = settingsAndForce(body)
    if (query.dryRun) return { data: settingsPreviewAnswer(await this.use.previewSettings.execute(project.scope, ...asked)) }
    return { data: authServiceAnswer(await this.use.changeAuth.execute(project, caller, ...asked)) }
  }

  @Delete() @Access({ permission: 'auth.write' })
  async disable(@Project() scope: ProjectScope, @Principal() caller: Caller) {
    return { data: authServiceAnswer(await this.use.disableAuth.execute(scope, caller)) }
  }

  @Post('secret/rotate')
  @HttpCode(200)
  @Access({ permission: 'auth.write' })
  async rotate(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(RotateSecretBody)) body: RotateSecretBody,
  ) {
    const plan = await this.use.rotateSecret.execute(project, caller, {
      mode: body.mode ?? 'staged',
      deadlineSeconds: body.deadlineSeconds,
    })
    return { data: rotationAnswer(plan) }
  }

  @Get('secret/rotation') @Access({ permission: 'auth.read' })
  async rotation(@CurrentProject() project: ProjectRecord) {
    return { data: rotationAnswer(await this.use.readRotation.execute(project)) }
  }

  @Post('secret/rotation/switch') @HttpCode(200) @Access({ permission: 'auth.write' })
  async switchRotation(@Project() scope: ProjectScope, @Principal() caller: Caller) {
    return { data: rotationAnswer(await this.use.switchRotation.execute(scope, caller)) }
  }

  @Delete('secret/rotation') @Access({ permission: 'auth.write' })
  async cancelRotation(@Project() scope: ProjectScope, @Principal() caller: Caller) {
    await this.use.cancelRotation.execute(scope, caller)
    return { data: rotationAnswer(null) }
  }
}
