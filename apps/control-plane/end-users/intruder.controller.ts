import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { identityAnswer, removedAnswer } from './end-user.answer.js'
import { EvictBody } from './end-user.body.js'

/** Putting somebody out of a user's account, whole or provider by provider. */
@Controller('api/v1/projects/:projectId/users/:userId')
export class IntruderController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post('evict')
  @HttpCode(200)
  @Access({ permission: 'users.manage' })
  async evict(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Body(validated(EvictBody)) body: EvictBody,
  ) {
    const { removed, recovery } = await this.use.evictEndUser.execute(project, doneBy(caller), userId, { recovery: body.recovery ?? true })
    return { data: { removed: removedAnswer(removed), recovery } }
  }

  @Get('identities') @Access({ permission: 'users.read' })
  async identities(@CurrentProject() project: ProjectRecord, @Param('userId', pathUuid) userId: string) {
    const identities = await this.use.listEndUserIdentities.execute(project, userId)
    return wholeListAnswer(identities.map(identityAnswer))
  }

  @Delete('identities/:provider')
  @Access({ permission: 'users.manage' })
  unlink(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Param('provider') provider: string,
  ) {
    return this.#unlink(project, caller, userId, { provider })
  }

  @Delete('identities/:provider/:subject') @Access({ permission: 'users.manage' })
  unlinkSubject(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Param('provider') provider: string,
    @Param('subject') subject: string,
  ) {
    return this.#unlink(project, caller, userId, { provider, subject })
  }

  async #unlink(project: ProjectRecord, caller: Caller, userId: string, which: { provider: string; subject?: string }) {
    const { identity, sessionsEnded } = await this.use.unlinkEndUserIdentity.execute(project, doneBy(caller), userId, which)
    return { data: { provider: identity.provider, subject: identity.subject, unlinked: true, sessions_ended: sessionsEnded } }
  }
}
