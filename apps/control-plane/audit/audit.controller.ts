import { Controller, Get, Inject, Query, Res, StreamableFile } from '@nestjs/common'
import { Readable } from 'node:stream'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, Principal, Project } from '@portico/http/access'
import { validatedQuery } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { AuditLogRef } from '@portico/tokens/audit-signer'
import type { FastifyReply } from 'fastify'
import { readPage } from '@portico/kernel/paging'
import { pageAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { auditAnswer } from './audit.answer.js'
import { auditFilter, AuditQuery, projectAuditFilter, ProjectAuditQuery } from './audit.body.js'

@Controller('api/v1')
export class AuditController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('audit-log') @Access({ permission: 'audit.read' })
  async ofTenant(@Principal() caller: Caller, @Query(validatedQuery(AuditQuery)) query: AuditQuery) {
    return pageAnswer(await this.use.listTenantAudit.execute(caller, auditFilter(query), readPage(query)), auditAnswer)
  }

  @Get('projects/:projectId/audit-log') @Access({ permission: 'audit.read', archived: true })
  async ofProject(@Project() scope: ProjectScope, @Query(validatedQuery(ProjectAuditQuery)) query: ProjectAuditQuery) {
    return pageAnswer(await this.use.listProjectAudit.execute(scope, projectAuditFilter(query), readPage(query)), auditAnswer)
  }

  /** For `portico audit verify`. */
  @Get('projects/:projectId/audit-log/export') @Access({ permission: 'audit.read', archived: true })
  async exportOfProject(@Project() scope: ProjectScope, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#file({ kind: 'proj', id: scope.projectId }, reply)
  }

  /** The chain of the tenant's own rows; each project has one of its own. */
  @Get('audit-log/export') @Access({ permission: 'audit.read' })
  async exportOfTenant(@Principal() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#file({ kind: 'tnt', id: caller.tenantId }, reply)
  }

  /** What signed heads are verified with, for everybody. */
  @Get('audit-keys') @Access('public')
  async keys() {
    return { keys: await this.use.exportAuditChain.keys() }
  }

  async #file(log: AuditLogRef, reply: FastifyReply): Promise<StreamableFile> {
    const { text } = await this.use.exportAuditChain.execute(log)
    reply.header('content-disposition', 'attachment; filename="audit-log.ndjson"')
    return new StreamableFile(Readable.from(text), { type: 'application/x-ndjson; charset=utf-8' })
  }
}
