import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import type { ProjectScope } from '@portico/database/project-scope'
import { Access, CurrentProject, Principal, Project } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import type { Caller } from '@portico/platform/caller'
import type { MailTemplateRow } from '@portico/platform/records/mail-template.store'
import { draftedBranding } from '../auth-service/drafted-branding.js'
import { wholeListAnswer } from '../http/page-answer.js'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { PreviewMailTemplateBody, SendTestMailBody, SetMailTemplateBody } from './mail-template.body.js'

/** A project's own words for its mails. */
@Controller('api/v1/projects/:projectId/mail/templates')
export class MailTemplatesController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Get() @Access({ permission: 'auth.read' })
  async list(@Project() scope: ProjectScope) {
    return wholeListAnswer((await this.use.projectTemplates.list(scope)).map(templateAnswer))
  }

  @Get(':template/:locale') @Access({ permission: 'auth.read' })
  async versions(@Project() scope: ProjectScope, @Param('template') template: string, @Param('locale') locale: string) {
    return wholeListAnswer((await this.use.projectTemplates.versions(scope, template, locale)).map(templateAnswer))
  }

  @Put(':template/:locale') @Access({ permission: 'auth.write' })
  async set(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('template') template: string,
    @Param('locale') locale: string,
    @Body(validated(SetMailTemplateBody)) body: SetMailTemplateBody,
  ) {
    return { data: templateAnswer(await this.use.projectTemplates.set(project, caller, template, locale, body)) }
  }

  @Delete(':template/:locale') @Access({ permission: 'auth.write' })
  async reset(
    @Project() scope: ProjectScope,
    @Principal() caller: Caller,
    @Param('template') template: string,
    @Param('locale') locale: string,
  ) {
    await this.use.projectTemplates.reset(scope, caller, template, locale)
    return { data: null }
  }

  @Post(':template/:locale/preview') @HttpCode(200) @Access({ permission: 'auth.write' })
  async preview(
    @CurrentProject() project: ProjectRecord,
    @Param('template') template: string,
    @Param('locale') locale: string,
    @Body(validated(PreviewMailTemplateBody)) { subject, text, html, branding }: PreviewMailTemplateBody,
  ) {
    const parts = subject !== undefined && text !== undefined && html !== undefined ? { subject, text, html } : null
    return { data: await this.use.projectTemplates.preview(project, template, locale, { parts, branding: draftedBranding(branding) }) }
  }

  @Post(':template/:locale/test') @HttpCode(200) @Access({ permission: 'auth.write' })
  async sendTest(
    @CurrentProject() project: ProjectRecord,
    @Principal() caller: Caller,
    @Param('template') template: string,
    @Param('locale') locale: string,
    @Body(validated(SendTestMailBody)) { to }: SendTestMailBody,
  ) {
    return { data: await this.use.projectTemplates.sendTest(project, caller, template, locale, to) }
  }
}

function templateAnswer(row: MailTemplateRow) {
  return {
    template: row.template,
    locale: row.locale,
    version: row.version,
    subject: row.subject,
    text: row.text,
    html: row.html,
    in_use: row.endedAt === null,
    created_at: row.createdAt.toISOString(),
    failed_at: row.failedAt?.toISOString() ?? null,
  }
}
