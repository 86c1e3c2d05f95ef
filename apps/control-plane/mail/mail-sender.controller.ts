import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { AuthError } from '@portico/kernel/auth-error'
import type { Caller } from '@portico/platform/caller'
import type { SenderOwner } from '@portico/platform/records/mail-sender.store'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { mailSenderAnswer } from './mail-sender.answer.js'
import { SetMailSenderBody } from './mail-sender.body.js'

const ofProject = (scope: ProjectScope): SenderOwner => ({ kind: 'project', scope })
/** A key that is limited to some projects has no say in what all of them share. */
function ofTenant({ tenantId, projects }: Caller): SenderOwner {
  if (projects !== null) throw new AuthError('forbidden')
  return { kind: 'tenant', tenantId }
}

/** Who sends the mail of a project, and of every project of the tenant that has no sender of its own. */
@Controller('api/v1')
export class MailSenderController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('projects/:projectId/mail/sender') @Access({ permission: 'auth.read' })
  async read(@Project() scope: ProjectScope) {
    return this.#answer(ofProject(scope))
  }

  @Put('projects/:projectId/mail/sender') @Access({ permission: 'auth.write' })
  async set(@Project() scope: ProjectScope, @Principal() caller: Caller, @Body(validated(SetMailSenderBody)) body: SetMailSenderBody) {
    const owner = ofProject(scope)
    return { data: mailSenderAnswer(await this.use.configureMailSender.set(owner, caller, body), owner) }
  }

  @Post('projects/:projectId/mail/sender/verify') @HttpCode(200) @Access({ permission: 'auth.write' })
  async verify(@Project() scope: ProjectScope) {
    const owner = ofProject(scope)
    return { data: mailSenderAnswer(await this.use.configureMailSender.verify(owner), owner) }
  }

  @Delete('projects/:projectId/mail/sender') @Access({ permission: 'auth.write' })
  async remove(@Project() scope: ProjectScope, @Principal() caller: Caller) {
    await this.use.configureMailSender.remove(ofProject(scope), caller)
    return { data: null }
  }

  @Get('mail/sender') @Access({ permission: 'auth.read' })
  async readTenants(@Principal() caller: Caller) {
    return this.#answer(ofTenant(caller))
  }

  @Put('mail/sender') @Access({ permission: 'auth.write' })
  async setTenants(@Principal() caller: Caller, @Body(validated(SetMailSenderBody)) body: SetMailSenderBody) {
    const owner = ofTenant(caller)
    return { data: mailSenderAnswer(await this.use.configureMailSender.set(owner, caller, body), owner) }
  }

  @Post('mail/sender/verify') @HttpCode(200) @Access({ permission: 'auth.write' })
  async verifyTenants(@Principal() caller: Caller) {
    const owner = ofTenant(caller)
    return { data: mailSenderAnswer(await this.use.configureMailSender.verify(owner), owner) }
  }

  @Delete('mail/sender') @Access({ permission: 'auth.write' })
  async removeTenants(@Principal() caller: Caller) {
    await this.use.configureMailSender.remove(ofTenant(caller), caller)
    return { data: null }
  }

  async #answer(owner: SenderOwner) {
    const sender = await this.use.configureMailSender.read(owner)
    return { data: sender && mailSenderAnswer(sender, owner) }
  }
}
