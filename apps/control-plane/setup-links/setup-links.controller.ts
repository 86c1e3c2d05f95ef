import { Body, Controller, Delete, Get, Inject, Param, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { asOperator } from '@portico/end-user/organizations/organization-actor'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { newSetupLinkAnswer, setupLinkAnswer } from './setup-link.answer.js'
import { CreateSetupLinkBody } from './setup-link.body.js'

/** Links by which an administrator of a customer sets up the single sign-on of their organization, without an account here. */
@Controller('api/v1/projects/:projectId/organizations/:organizationId/setup-links')
export class SetupLinksController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'auth.read' })
  async list(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) organizationId: string,
  ) {
    const links = await this.use.setupLinks.list(project, asOperator(doneBy(caller)), organizationId)
    return wholeListAnswer(links.map((link) => setupLinkAnswer(link, this.use.setupLinks.now())))
  }

  @Post() @Access({ permission: 'auth.write' })
  async create(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) organizationId: string,
    @Body(validated(CreateSetupLinkBody)) { connectionId }: CreateSetupLinkBody,
  ) {
    const made = await this.use.setupLinks.create(project, asOperator(doneBy(caller)), organizationId, connectionId ?? null)
    return { data: newSetupLinkAnswer(made, this.use.issuerOf(project)) }
  }

  @Delete(':linkId') @Access({ permission: 'auth.write' })
  async revoke(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('organizationId', pathUuid) organizationId: string,
    @Param('linkId', pathUuid) id: string,
  ) {
    await this.use.setupLinks.revoke(project, asOperator(doneBy(caller)), organizationId, id)
    return { data: { id, revoked: true } }
  }
}
