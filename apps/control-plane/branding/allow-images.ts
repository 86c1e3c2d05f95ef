import type { FastifyInstance } from 'fastify'
import { LONGEST_IMAGE_TEXT } from './brand-images.body.js'

/** What surrounds the picture in its body. */
const AROUND = 1_024

/** One route takes more than 64 KB: a picture. The others keep the limit that holds off large bodies before they are read. */
export function allowImages(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (route.method === 'PUT' && route.url === '/api/v1/projects/:projectId/auth/branding/:kind') route.bodyLimit = LONGEST_IMAGE_TEXT + AROUND
  })
}
