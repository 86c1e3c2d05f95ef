import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sendAway } from '@portico/http/send-away'
import { registerStaticSite } from '@portico/http/static-site'
import type { FastifyInstance } from 'fastify'
import { sendPreviewPage } from './preview-page.js'

// From the compiled file in dist/, and from the source under a test runner.
const FOLDERS = ['../../../console/dist/site', '../../console/dist/site'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/**
 * The console's files; what it shows comes from the API, under the access of whoever reads it. Of the data plane it shows previews of
 * pages, in a frame.
 */
export function registerConsoleSite(server: FastifyInstance, dataPlanePublicUrl: string): void {
  const dataPlane = new URL(dataPlanePublicUrl).origin
  registerStaticSite(server, {
    folder: FOLDERS.find((folder) => existsSync(folder)) ?? FOLDERS[0]!,
    base: '/console',
    frames: [dataPlane],
    missing: {
      title: 'The console is not built',
      text: 'Run npm run build and load this page again. Everything it does, the API does too: /docs.',
    },
  })
  server.get('/console/preview', { config: { access: 'public' } }, (_request, reply) => sendPreviewPage(reply, dataPlane))
  server.get('/', { config: { access: 'public' } }, (_request, reply) => sendAway(reply, '/console'))
}
