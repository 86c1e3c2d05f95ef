import { Controller, Delete, Get, Inject, Param, Query } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer, wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { mailAnswer, suppressedAnswer } from './mail.answer.js'
import { MailsQuery } from './mails.body.js'

@Controller('api/v1/projects/:projectId')
export class MailsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('mails') @Access({ permission: 'users.read' })
  async list(@Project() scope: ProjectScope, @Query(validatedQuery(MailsQuery)) query: MailsQuery) {
    const filter = { state: query.state ?? null, address: query.address?.trim().toLowerCase() ?? null }
    return pageAnswer(await this.use.projectMails.list(scope, filter, readPage(query)), mailAnswer)
  }

  @Get('mail/suppressions') @Access({ permission: 'users.read' })
  async suppressed(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.projectMails.suppressed(scope)).map(suppressedAnswer))
  }

  @Delete('mail/suppressions/:address') @Access({ permission: 'users.manage' })
  async release(@Project() scope: ProjectScope, @Principal() caller: Caller, @Param('address') address: string) {
    await this.use.projectMails.release(scope, caller, address)
    return { data: null }
  }
}
