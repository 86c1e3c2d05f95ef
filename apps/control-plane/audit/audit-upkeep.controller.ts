import { Body, Controller, Delete, Get, Inject, Put } from '@nestjs/common'
import { Access, Principal } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { auditStreamAnswer } from './audit-stream.answer.js'
import { SetAuditRetentionBody, SetAuditStreamBody } from './audit-upkeep.body.js'

/** How long the audit log of a tenant and its projects is kept, and where it is streamed to. */
@Controller('api/v1/audit-log')
export class AuditUpkeepController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('retention') @Access({ permission: 'audit.read' })
  async retention(@Principal() caller: Caller) {
    return { data: { days: await this.use.auditRetention.read(caller) } }
  }

  @Put('retention') @Access({ permission: 'audit.manage' })
  async setRetention(@Principal() caller: Caller, @Body(validated(SetAuditRetentionBody)) body: SetAuditRetentionBody) {
    return { data: { days: await this.use.auditRetention.set(caller, body.days) } }
  }

  @Get('stream') @Access({ permission: 'audit.read' })
  async stream(@Principal() caller: Caller) {
    const stream = await this.use.auditStreams.read(caller)
    return { data: stream && auditStreamAnswer(stream) }
  }

  @Put('stream') @Access({ permission: 'audit.manage' })
  async setStream(@Principal() caller: Caller, @Body(validated(SetAuditStreamBody)) body: SetAuditStreamBody) {
    const { stream, secret } = await this.use.auditStreams.set(caller, body)
    return { data: { ...auditStreamAnswer(stream), ...(secret !== null && { secret }) } }
  }

  @Delete('stream') @Access({ permission: 'audit.manage' })
  async removeStream(@Principal() caller: Caller) {
    await this.use.auditStreams.remove(caller)
    return { data: null }
  }
}
