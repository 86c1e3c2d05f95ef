import type { SealedBox } from '@portico/crypto/sealed-box'
import type { Entropy } from '@portico/kernel/entropy'
import type { FastifyInstance } from 'fastify'
import type { UseCases } from '../use-cases.js'
import { accountRoutes } from './account/account-pages.routes.js'
import { enrolRoutes } from './hosted/enrol.routes.js'
import type { HostedPages } from './hosted/hosted-pages.js'
import { otherAddressRoutes } from './hosted/other-addresses.routes.js'
import { organizationRoutes } from './hosted/organization.routes.js'
import { signInRoutes } from './hosted/sign-in.routes.js'
import { signUpRoutes } from './hosted/sign-up.routes.js'
import { brandImageRoutes } from './look/brand-image.routes.js'
import { LinkGuard } from './link-guard.js'
import { mailPageRoutes } from './mail-pages.routes.js'
import { membersRoutes } from './members/members.routes.js'
import { previewRoutes } from './preview.routes.js'
import { setupRoutes } from './setup/setup.routes.js'
import { signInPageRoutes } from './sign-in-pages.routes.js'
import { SpendMailedLink } from './spend-mailed-link.js'

/** Our own pages: those that an app sends its users to, and those behind the links that we mail. */
export function registerPages(
  server: FastifyInstance, use: UseCases, pages: HostedPages, { entropy, box }: { entropy: Entropy; box: SealedBox },
): void {
  const guard = new LinkGuard(use.recordLinkScanner)
  brandImageRoutes(server, use)
  signInRoutes(server, pages)
  signUpRoutes(server, pages)
  enrolRoutes(server, pages)
  organizationRoutes(server, pages)
  accountRoutes(server, pages)
  membersRoutes(server, pages)
  setupRoutes(server, pages)
  otherAddressRoutes(server, pages)
  signInPageRoutes(server, pages, { guard, entropy })
  previewRoutes(server, pages, box)
  mailPageRoutes(server, pages, { spend: new SpendMailedLink(use), guard })
}
