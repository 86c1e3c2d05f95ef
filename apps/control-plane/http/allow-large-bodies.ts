import type { FastifyInstance } from 'fastify'
import { LONGEST_IMAGE_TEXT } from '../branding/brand-images.body.js'
import { LONGEST_TEMPLATE_BODY } from '../mail/mail-template.body.js'

/** What surrounds a picture in its body. */
const AROUND = 1_024

const LARGE: Readonly<Record<string, number>> = {
  'PUT /api/v1/projects/:projectId/auth/branding/:kind': LONGEST_IMAGE_TEXT + AROUND,
  'PUT /api/v1/projects/:projectId/mail/templates/:template/:locale': LONGEST_TEMPLATE_BODY,
  'POST /api/v1/projects/:projectId/mail/templates/:template/:locale/preview': LONGEST_TEMPLATE_BODY,
}

/** Pictures and templates may be larger than 64 KB. The other routes keep the limit that holds off large bodies before they are read. */
export function allowLargeBodies(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    const limit = LARGE[`${String(route.method)} ${route.url}`]
    if (limit !== undefined) route.bodyLimit = limit
  })
}
