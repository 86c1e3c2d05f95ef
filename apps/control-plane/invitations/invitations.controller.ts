import { Body, Controller, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { endUserAnswer } from '../end-users/end-user.answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { InviteBody } from './invitation.body.js'

@Controller('api/v1/projects/:projectId/users')
export class InvitationsController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  /** 201; again for somebody who has not entered yet: another mail. */
  @Post('invite') @Access({ permission: 'users.manage' })
  async invite(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Body(validated(InviteBody)) body: InviteBody) {
    return { data: endUserAnswer(await this.use.inviteUser.execute(project, doneBy(caller), body)) }
  }
}
