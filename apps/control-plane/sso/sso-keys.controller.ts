import { Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { serviceKeyAnswer } from './sso.answer.js'

/** Our own keys for the identity provider of a SAML connection. */
@Controller('api/v1/projects/:projectId/sso/connections/:connectionId/keys')
export class SsoKeysController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'auth.read' })
  async list(@CurrentProject() project: ProjectRecord, @Param('connectionId', pathUuid) id: string) {
    return wholeListAnswer((await this.use.serviceKeys.list(project, id)).map(serviceKeyAnswer))
  }

  @Post() @Access({ permission: 'auth.write' })
  async make(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('connectionId', pathUuid) id: string) {
    return { data: serviceKeyAnswer(await this.use.serviceKeys.make(project, doneBy(caller), id)) }
  }

  @Post(':keyId/use') @HttpCode(200) @Access({ permission: 'auth.write' })
  async sign(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('connectionId', pathUuid) id: string,
    @Param('keyId', pathUuid) keyId: string,
  ) {
    return { data: serviceKeyAnswer(await this.use.serviceKeys.use(project, doneBy(caller), id, keyId)) }
  }

  @Delete(':keyId') @Access({ permission: 'auth.write' })
  async remove(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('connectionId', pathUuid) id: string,
    @Param('keyId', pathUuid) keyId: string,
  ) {
    await this.use.serviceKeys.remove(project, doneBy(caller), id, keyId)
    return { data: { id: keyId, deleted: true } }
  }
}
