import type { ReadKeySet } from '@portico/end-user/project/read-key-set'
import type { FastifyInstance } from 'fastify'
import { BrowserScript } from './browser-script.js'
import { cacheable, cacheableText } from './cacheable.js'
import { projectRoutes } from './project-routes.js'

const JWKS_SECONDS = 300
const SCRIPT_SECONDS = 3_600

/** What is the same in every dialect: the project's public keys, and the script for pages. */
export function registerProjectRoutes(server: FastifyInstance, use: { readKeySet: ReadKeySet }): void {
  const route = projectRoutes(server)
  const script = new BrowserScript()

  route.get(['/.well-known/jwks.json', '/jwks'], { access: 'public' }, (call) => {
    return cacheable(call, JWKS_SECONDS, use.readKeySet.execute(call.project))
  })

  /** `window.PorticoAuth` for pages without a build; served here, it knows its `AUTH_URL`. */
  route.get('/sdk/portico-auth.js', { access: 'public' }, (call) => {
    // The page that loads it is of another origin by nature.
    call.reply.header('cross-origin-resource-policy', 'cross-origin')
    return cacheableText(call, SCRIPT_SECONDS, 'text/javascript; charset=utf-8', script.text())
  })
}
