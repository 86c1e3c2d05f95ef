import type { SealedBox } from '@portico/crypto/sealed-box'
import { AuthError } from '@portico/kernel/auth-error'
import { openPagePreview } from '@portico/tokens/page-preview'
import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../project/project-routes.js'
import type { HostedPages } from './hosted/hosted-pages.js'
import { PreviewQuery } from './preview.body.js'
import { PREVIEWS } from './preview-views.js'

/** One of our pages with a look that is not saved, for the frame of the console that asked. Its forms lead nowhere. */
export function previewRoutes(server: FastifyInstance, pages: HostedPages, box: SealedBox): void {
  const route = projectRoutes(server)
  route.get('/preview', { access: 'public', query: PreviewQuery, onError: pages.onError }, ({ project, query, client, request, reply }) => {
    const preview = openPagePreview(box, project.scope.projectId, query.ticket, pages.now())
    if (!preview) throw new AuthError('invalid_or_expired_token')
    const { branding, locale, scheme } = preview
    const drafted = { ...project, settings: { ...project.settings, branding, default_locale: locale } }
    const visit = pages.visit({ request, reply, project: drafted, query: { locale }, client })
    return visit.send({ ...PREVIEWS[preview.page](visit), shownIn: preview.frame, scheme }, { again: [] })
  })
}
