import type { Entropy } from '@portico/kernel/entropy'
import type { FastifyInstance } from 'fastify'
import type { UseCases } from '../use-cases.js'
import type { FlowCookie } from './flow-cookie.js'
import { HostedPages, type HostedParts } from './hosted/hosted-pages.js'
import { signInRoutes } from './hosted/sign-in.routes.js'
import { LinkGuard } from './link-guard.js'
import { mailPageRoutes } from './mail-pages.routes.js'
import { signInPageRoutes } from './sign-in-pages.routes.js'
import { SpendMailedLink } from './spend-mailed-link.js'


type PageParts = HostedParts & { flowCookie: FlowCookie; entropy: Entropy }

/** Our own pages: those that an app sends its users to, and those behind the links that we mail. */
export function registerPages(server: FastifyInstance, use: UseCases, parts: PageParts): void {
  const guard = new LinkGuard(use.recordLinkScanner)
  signInRoutes(server, new HostedPages(use, parts))
  signInPageRoutes(server, { ...use, ...parts, guard })
  mailPageRoutes(server, { spend: new SpendMailedLink(use), guard, startOAuth: use.startOAuth, flowCookie: parts.flowCookie })
}
