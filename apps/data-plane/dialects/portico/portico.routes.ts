import type { FastifyInstance } from 'fastify'
import type { UseCases } from '../../use-cases.js'
import { accountRoutes } from './account/account.routes.js'
import type { Door } from './door.js'
import { emailRoutes } from './email/email.routes.js'
import { factorRoutes } from './factors/factors.routes.js'
import { identityRoutes } from './oauth/identities.routes.js'
import { oauthRoutes } from './oauth/oauth.routes.js'
import { organizationRoutes } from './organizations/organizations.routes.js'
import { passwordRoutes } from './password/password.routes.js'
import { passwordlessRoutes } from './passwordless/passwordless.routes.js'
import { sessionRoutes } from './session/session.routes.js'
import { settingsRoutes } from './settings/settings.routes.js'
import { organizationSsoRoutes } from './sso/organization-sso.routes.js'
import { ssoRoutes } from './sso/sso.routes.js'
import { webauthnRoutes } from './webauthn/webauthn.routes.js'

/** The product's own API, noun by noun. */
export function registerPortico(server: FastifyInstance, use: UseCases, door: Door): void {
  passwordRoutes(server, use, door)
  passwordlessRoutes(server, use, door)
  oauthRoutes(server, use, door)
  identityRoutes(server, use)
  webauthnRoutes(server, use, door)
  sessionRoutes(server, use, door)
  accountRoutes(server, use, door)
  emailRoutes(server, use, door)
  factorRoutes(server, use, door)
  organizationRoutes(server, use, door)
  ssoRoutes(server, use, door)
  organizationSsoRoutes(server, use, door)
  settingsRoutes(server)
}
