import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res, StreamableFile } from '@nestjs/common'
import { Readable } from 'node:stream'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import type { FastifyReply } from 'fastify'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { endUserFilter } from './end-user-query.js'
import { bulkAnswer } from './end-user.answer.js'
import { BulkEndUsersBody, ExportEndUsersQuery } from './end-user.body.js'
import { EXPORT_TYPES, exportText } from './export-format.js'

/** What is done to many people at once. */
@Controller('api/v1/projects/:projectId/users')
export class ManyEndUsersController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get('export')
  @Access({ permission: 'users.read' })
  async export(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Query(validatedQuery(ExportEndUsersQuery)) query: ExportEndUsersQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const format = query.format ?? 'ndjson'
    const pages = await this.use.exportEndUsers.execute(project, doneBy(caller), endUserFilter(query), format)
    reply.header('content-disposition', `attachment; filename="users.${format}"`)
    return new StreamableFile(Readable.from(exportText(pages, format)), { type: EXPORT_TYPES[format] })
  }

  @Post('bulk')
  @HttpCode(200)
  @Access({ permission: 'users.manage' })
  async bulk(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(BulkEndUsersBody)) body: BulkEndUsersBody,
  ) {
    const ids = body.ids.map((id) => id.toLowerCase())
    return { data: bulkAnswer(body.action, await this.use.actOnEndUsers.execute(project, doneBy(caller), body.action, ids)) }
  }
}
