import { Body, Controller, Delete, Get, Inject, Param, Patch, Post } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { memberAnswer } from './member.answer.js'
import { ChangeMemberBody, InviteToTeamBody } from './member.body.js'

@Controller('api/v1/members')
export class MembersController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'team.read' })
  async list(@Principal() caller: Caller) {
    return wholeListAnswer((await this.use.manageMembers.list(caller)).map(memberAnswer))
  }

  @Post() @Access({ permission: 'team.manage' })
  async invite(@Principal() caller: Caller, @Body(validated(InviteToTeamBody)) body: InviteToTeamBody) {
    const { email, role, breakGlass = false } = body
    const invited = await this.use.manageMembers.invite(caller, { email, role, breakGlass })
    return { data: { ...memberAnswer(invited), mailed: invited.mailed } }
  }

  @Patch(':userId') @Access({ permission: 'team.manage' })
  async change(
    @Principal() caller: Caller,
    @Param('userId', pathUuid) userId: string,
    @Body(validated(ChangeMemberBody)) body: ChangeMemberBody,
  ) {
    return { data: memberAnswer(await this.use.manageMembers.change(caller, userId, body)) }
  }

  @Delete(':userId') @Access({ permission: 'team.manage' })
  async remove(@Principal() caller: Caller, @Param('userId', pathUuid) userId: string) {
    await this.use.manageMembers.remove(caller, userId)
    return { data: { user_id: userId, removed: true } }
  }
}
