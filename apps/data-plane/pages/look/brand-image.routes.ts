import type { FastifyInstance } from 'fastify'
import { projectRoutes } from '../../project/project-routes.js'
import type { UseCases } from '../../use-cases.js'

/** A year: the name says what the bytes are, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable'

/**
 * `{AUTH_URL}/branding/{name}`: a project's logo and icon. Public, like the pages that show them, and for mails and other sites too. The
 * policy makes of it a picture and nothing else, should a browser be sent there.
 */
export function brandImageRoutes(server: FastifyInstance, use: UseCases): void {
  projectRoutes(server).get('/branding/:name', { access: 'public', ignoreUnknownQuery: true }, async ({ project, params, reply }) => {
    const { type, bytes } = await use.readBrandImage.execute(project, params.name)
    return reply
      .headers({
        'cache-control': FOR_EVER,
        'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
      })
      .type(type)
      .send(bytes)
  })
}
