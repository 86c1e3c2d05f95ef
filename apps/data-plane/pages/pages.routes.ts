import type { RecordLinkScanner } from '@portico/end-user/abuse/record-link-scanner'
import type { Entropy } from '@portico/kernel/entropy'
import type { FastifyInstance } from 'fastify'
import type { FlowCookie } from './flow-cookie.js'
import { LinkGuard } from './link-guard.js'
import { mailPageRoutes } from './mail-pages.routes.js'
import { signInPageRoutes, type SignInPageParts } from './sign-in-pages.routes.js'
import { SpendMailedLink, type MailedLinkUseCases } from './spend-mailed-link.js'

type SignInUseCases = Pick<SignInPageParts, 'confirmMagicLink' | 'acceptInvitation' | 'startOAuth'>
type PageUseCases = MailedLinkUseCases & SignInUseCases & { recordLinkScanner: RecordLinkScanner }

/** Our own pages, behind the links that we mail. */
export function registerPages(server: FastifyInstance, use: PageUseCases, parts: { flowCookie: FlowCookie; entropy: Entropy }): void {
  const guard = new LinkGuard(use.recordLinkScanner)
  signInPageRoutes(server, { ...use, ...parts, guard })
  mailPageRoutes(server, { spend: new SpendMailedLink(use), guard, startOAuth: use.startOAuth, flowCookie: parts.flowCookie })
}
