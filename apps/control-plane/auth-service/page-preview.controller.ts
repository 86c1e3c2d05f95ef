import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import type { ProjectRecord } from '@portico/database/project-directory'
import { Access, CurrentProject } from '@portico/http/access'
import { validated } from '@portico/http/validated'
import { USE_CASES } from '../tokens.js'
import type { UseCases } from '../use-cases.js'
import { draftedBranding } from './drafted-branding.js'
import { PreviewPageBody } from './page-preview.body.js'

/** How the hosted pages would look. Nothing is saved. */
@Controller('api/v1/projects/:projectId/auth/pages')
export class PagePreviewController {
  constructor(@Inject(USE_CASES) private readonly use: UseCases) {}

  @Post('preview') @HttpCode(200) @Access({ permission: 'auth.write' })
  preview(@CurrentProject() project: ProjectRecord, @Body(validated(PreviewPageBody)) body: PreviewPageBody) {
    const { page, branding, locale = null, scheme = 'light' } = body
    const { url, expiresAt } = this.use.previewPage.execute(project, {
      page, branding: draftedBranding(branding), locale, scheme,
    })
    return { data: { url, expires_at: expiresAt.toISOString() } }
  }
}
