import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { Directory } from '@portico/end-user/records/directory'
import { Access, CurrentProject, Principal } from '@portico/http/access'
import { validated, validatedQuery } from '@portico/http/validated'
import { readPage, toPage } from '@portico/kernel/paging'
import { doneBy } from '@portico/platform/audit-actor'
import type { Caller } from '@portico/platform/caller'
import { pageAnswer, wholeListAnswer } from '../http/page-answer.js'
import { pathUuid } from '../http/path-id.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { directoryAnswer, directoryEventAnswer, directoryTokenAnswer, newDirectoryTokenAnswer } from './directory.answer.js'
import {
  ChangeDirectoryBody,
  CreateDirectoryBody,
  CreateDirectoryTokenBody,
  DirectoriesQuery,
  DirectoryLogQuery,
} from './directory.body.js'
import { readInstant } from '../http/instant.js'

/** Where the people of an organization come from: directories that an identity provider keeps in step by SCIM. */
@Controller('api/v1/projects/:projectId/directories')
export class DirectoriesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'users.read' })
  async list(@CurrentProject() project: ProjectRecord, @Query(validatedQuery(DirectoriesQuery)) query: DirectoriesQuery) {
    const directories = await this.use.directories.list(project, query.organizationId ?? null)
    return wholeListAnswer(directories.map((directory) => this.#answer(project, directory)))
  }

  @Post() @Access({ permission: 'users.manage' })
  async create(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Body(validated(CreateDirectoryBody)) body: CreateDirectoryBody,
  ) {
    const input = { ...body, organizationId: body.organizationId ?? null, customSchema: schemaOf(body.customSchema) }
    return { data: this.#answer(project, await this.use.directories.create(project, doneBy(caller), input)) }
  }

  @Get(':directoryId') @Access({ permission: 'users.read' })
  async read(@CurrentProject() project: ProjectRecord, @Param('directoryId', pathUuid) id: string) {
    return { data: this.#answer(project, await this.use.directories.read(project, id)) }
  }

  @Patch(':directoryId') @Access({ permission: 'users.manage' })
  async change(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('directoryId', pathUuid) id: string,
    @Body(validated(ChangeDirectoryBody)) body: ChangeDirectoryBody,
  ) {
    const input = { ...body, customSchema: schemaOf(body.customSchema) }
    return { data: this.#answer(project, await this.use.directories.change(project, doneBy(caller), id, input)) }
  }

  @Delete(':directoryId') @Access({ permission: 'users.manage' })
  async remove(@CurrentProject() project: ProjectRecord, @Principal() caller: Caller, @Param('directoryId', pathUuid) id: string) {
    await this.use.directories.remove(project, doneBy(caller), id)
    return { data: { id, deleted: true } }
  }

  @Get(':directoryId/tokens') @Access({ permission: 'users.read' })
  async tokens(@CurrentProject() project: ProjectRecord, @Param('directoryId', pathUuid) id: string) {
    return wholeListAnswer((await this.use.directoryTokens.list(project, id)).map(directoryTokenAnswer))
  }

  @Post(':directoryId/tokens') @Access({ permission: 'users.manage' })
  async createToken(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('directoryId', pathUuid) id: string,
    @Body(validated(CreateDirectoryTokenBody)) body: CreateDirectoryTokenBody,
  ) {
    const expiresAt = readInstant('expires_at', body.expiresAt) ?? null
    return { data: newDirectoryTokenAnswer(await this.use.directoryTokens.create(project, doneBy(caller), id, expiresAt)) }
  }

  @Delete(':directoryId/tokens/:tokenId') @Access({ permission: 'users.manage' })
  async removeToken(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('directoryId', pathUuid) id: string,
    @Param('tokenId', pathUuid) tokenId: string,
  ) {
    await this.use.directoryTokens.remove(project, doneBy(caller), id, tokenId)
    return { data: { id: tokenId, deleted: true } }
  }

  @Get(':directoryId/log') @Access({ permission: 'users.read' })
  async log(
    @CurrentProject() project: ProjectRecord,
    @Param('directoryId', pathUuid) id: string,
    @Query(validatedQuery(DirectoryLogQuery)) query: DirectoryLogQuery,
  ) {
    const page = readPage(query)
    const events = await this.use.directoryTokens.log(project, id, { ...page, refused: query.refused ?? false })
    return pageAnswer(toPage(events, page, ({ createdAt, id: eventId }) => ({ at: createdAt, id: eventId })), directoryEventAnswer)
  }

  #answer(project: ProjectRecord, directory: Directory) {
    return directoryAnswer(directory, { projectId: project.scope.projectId, dataPlaneUrl: this.use.dataPlaneUrl })
  }
}

function schemaOf(body: CreateDirectoryBody['customSchema']) {
  if (!body) return body
  const { id, name, attributes } = body
  const read = attributes.map(({ name: called, type = 'string', multiValued = false }) => ({ name: called, type, multiValued }))
  return { id, name, attributes: read }
}
