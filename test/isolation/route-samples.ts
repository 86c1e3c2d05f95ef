import { randomUUID } from 'node:crypto'
import { deriveToken } from '@portico/crypto/token-digest'
import { DIRECTORY_CONTROL_SAMPLES, DIRECTORY_SAMPLES } from './directory-samples.js'
import { ORGANIZATION_CONTROL_SAMPLES, ORGANIZATION_SAMPLES } from './organization-samples.js'
import { SSO_CONTROL_SAMPLES, SSO_SAMPLES } from './sso-samples.js'
import { SHARED_PROVIDER } from './shared-issuer.js'
import type { PersonCredentials, TenantCredentials } from './two-tenants.js'

/** One well-formed request to a route, made of what one side owns. */
export interface Sample {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
  form?: Record<string, string>
  headers?: Record<string, string>
}

export interface RouteSample {
  request: (of: Owned) => Sample
  /**
   * What happens when a request made of somebody else's things arrives.
   * - `refused`: 400, 401, 403, 404 or 422.
   * - `indifferent`: it may be answered like anybody's, for example a reset request for an address; it still must touch and show nothing of
   * theirs.
   */
  foreign: 'refused' | 'indifferent'
  /** Answers of the owner's own request, which shows that the sample is a good one. Default: any 2xx. */
  own?: number[]
  /** Control plane: needs the operator's key, which no tenant has. */
  operator?: true
  /** Without a body it asks for nothing of anybody, and is answered. */
  bodyOptional?: true
  /** Data plane: whose access token it is. Default: the person's. */
  bearer?: (of: Owned) => string
}

export interface Owned {
  tenant: TenantCredentials
  person: PersonCredentials
}

const refused = (request: RouteSample['request'], more: Partial<RouteSample> = {}): RouteSample => ({
  request,
  foreign: 'refused',
  ...more,
})
const indifferent = (request: RouteSample['request'], more: Partial<RouteSample> = {}): RouteSample => ({
  request,
  foreign: 'indifferent',
  ...more,
})

const TEMPLATE = { template: 'invitation', locale: 'en' }
/** A grey square of 16 pixels. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAD0lEQVR42mNoQAMMI1sAAAUMgAHjM1mKAAAAAElFTkSuQmCC'
const WORDS = { subject: 'Hello', text: '{{ link }}', html: '{{ link }}' }
const SENDER = { kind: 'smtp', from: 'a@example.com', host: 'localhost', port: 1_025, user: 'u', password: 'p' }
const login = refused(({ person }) => ({ body: { email: person.email, password: person.password } }))
const reset = indifferent(({ person }) => ({ body: { email: person.email } }))
const ownUser = refused(() => ({}))
const changeUser = refused(() => ({ body: { metadata: { colour: 'blue' } } }))
// Others belong to an organization of which they are the only admin.
const deleteUser = refused(({ person }) => ({ body: { password: person.password } }), { own: [409] })
const open = indifferent(() => ({}))
const NEW_PASSWORD = 'a new and long enough pass 7'
const guardedUser = (request: RouteSample['request']) => refused(request, { bearer: ({ person }) => person.guarded.accessToken })
const backFromProvider = ({ person: { signIn } }: Owned) => ({ state: signIn.oauthState, code: signIn.oauthCode, iss: signIn.issuer })
// A browser of somebody's own at our pages: what it sends was never a secret of the other side.
const BROWSER = 'b'.repeat(43)
const ownPage = (form: Record<string, string>): Sample => ({
  form: { form_token: deriveToken(Buffer.from(BROWSER), ['form']), ...form },
  headers: { cookie: `__Secure-portico-browser=${BROWSER}` },
})
const atProvider = ({ person: { signIn } }: Owned) => ({ params: { provider: SHARED_PROVIDER }, headers: { cookie: signIn.oauthCookie } })

/** Every route of the data plane. A route that is not here fails the build: say what a good request to it looks like. */
export const DATA_PLANE: Readonly<Record<string, RouteSample>> = {
  ...ORGANIZATION_SAMPLES,
  ...DIRECTORY_SAMPLES,
  ...SSO_SAMPLES,
  'GET /health/live': open,
  'GET /health/ready': open,
  // To a proxy on this machine; the sample's domain is nobody's.
  'GET /internal/tls-ask': { ...open, own: [404] },
  'GET /openapi.json': open,
  'GET /docs': open,
  'GET /docs/reference.js': open,
  'POST /__test/clock': indifferent(() => ({ body: { advance_seconds: 0 } })),
  'GET /auth/.well-known/jwks.json': open,
  'GET /auth/jwks': open,
  'GET /auth/settings': open,
  'GET /auth/sdk/portico-auth.js': open,

  // The address is taken in both projects.
  'POST /auth/signup': refused(({ person }) => ({ body: { email: person.email, password: person.password } }), { own: [422] }),
  'POST /auth/login': login,
  'POST /auth/token': login,
  'POST /auth/password-reset': reset,
  'POST /auth/reset': reset,
  'POST /auth/password-reset/confirm': refused(({ person }) => ({
    body: { token: person.oneTimeTokens['password_reset'], password: NEW_PASSWORD },
  })),
  'POST /auth/password': refused(({ person }) => ({ body: { current_password: person.password, password: NEW_PASSWORD } })),
  'POST /auth/password/check': indifferent(({ person }) => ({ body: { email: person.email, password: NEW_PASSWORD } })),
  'POST /auth/verify': refused(({ person }) => ({ body: { token: person.accessToken } })),
  'POST /auth/refresh': refused(({ person }) => ({ body: { refresh_token: person.refreshToken } })),
  // Leaving twice is no error: clients log out on every doubt.
  'POST /auth/logout': indifferent(({ person }) => ({ body: { refresh_token: person.refreshToken } })),
  'GET /auth/sessions': ownUser,
  'DELETE /auth/sessions': ownUser,
  'DELETE /auth/sessions/:id': refused(({ person }) => ({ params: { id: person.secondSessionId } })),
  'GET /auth/user': ownUser,
  'GET /auth/me': ownUser,
  'PATCH /auth/user': changeUser,
  'PATCH /auth/me': changeUser,
  'DELETE /auth/user': deleteUser,
  'DELETE /auth/me': deleteUser,
  'POST /auth/email/confirm': refused(({ person }) => ({ body: { token: person.oneTimeTokens['email_confirm'] } })),
  'GET /auth/email/status/:request_id': indifferent(() => ({ params: { request_id: '0192ab00-0000-7000-8000-000000000001' } })),
  'POST /auth/email/resend': reset,
  'POST /auth/email/change': refused(({ person }) => ({ body: { email: `moved.${person.email}`, password: person.password } })),
  'DELETE /auth/email/change': ownUser,
  'POST /auth/email/change/undo': refused(({ person }) => ({ body: { token: person.oneTimeTokens['email_change_undo'] } })),

  'POST /auth/magic-link': reset,
  'POST /auth/magic-link/confirm': refused(({ person }) => ({ body: { token: person.signIn.magicLink } })),
  'POST /auth/email/start': reset,
  'POST /auth/email/verify': refused(({ person }) => ({ body: { email: person.email, code: person.signIn.emailCode } })),
  'POST /auth/invitation/accept': refused(({ person }) => ({
    body: { token: person.oneTimeTokens['invitation'], password: NEW_PASSWORD },
  })),
  'GET /auth/mail/magic_link': indifferent(({ person }) => ({ query: { token: person.signIn.magicLink } })),
  'POST /auth/mail/magic_link': refused(({ person }) => ({ form: { token: person.signIn.magicLink } })),
  'GET /auth/mail/invitation': indifferent(({ person }) => ({ query: { token: person.oneTimeTokens['invitation'] ?? '' } })),
  'POST /auth/mail/invitation': refused(({ person }) => ({
    form: { token: person.oneTimeTokens['invitation'] ?? '', password: NEW_PASSWORD },
  })),
  // Sends to the provider whatever it is given; the answer of the provider is refused then (foreign-caller.test.ts).
  'POST /auth/mail/invitation/:provider': indifferent(
    ({ person }) => ({ params: { provider: SHARED_PROVIDER }, form: { token: person.oneTimeTokens['invitation'] ?? '' } }),
    { own: [302] },
  ),

  'GET /auth/sign-in': open,
  // Whoever belongs to an organization is asked which one.
  'POST /auth/sign-in': refused(({ person }) => ownPage({ email: person.email, password: person.password }), { own: [200] }),
  'GET /auth/sign-in/return': refused(({ person: { signIn } }) => ({ query: { code: signIn.exchangeCode } }), { own: [400] }),
  // Sends to the provider whoever asks, for whoever they turn out to be there.
  'GET /auth/sign-in/:provider': indifferent(() => ({ params: { provider: SHARED_PROVIDER } }), { own: [302] }),
  'GET /auth/sign-up': open,
  'POST /auth/sign-up': indifferent(({ person }) => ownPage({ email: `new.${person.email}`, password: NEW_PASSWORD }), { own: [302] }),
  'POST /auth/sign-up/confirm': refused(({ person }) => ownPage({ email: person.email, code: '000000' }), { own: [400] }),
  'GET /auth/forgot': open,
  // A ticket of the control plane opens it, of this project alone (test/http/pages/preview.test.ts).
  'GET /auth/preview': refused(() => ({ query: { ticket: 'none' } }), { own: [400, 401, 422] }),
  'POST /auth/forgot': indifferent(({ person }) => ownPage({ email: person.email })),
  'POST /auth/mfa/enrol': refused(({ person: { guarded } }) => ownPage({ mfa_token: guarded.mfaToken }), { own: [400] }),
  // Without the cookie of a session everybody is sent to the sign-in page (test/http/hosted/account.test.ts has the other project's).
  'POST /auth/continue': indifferent(() => ownPage({}), { own: [302] }),
  // A name that nobody uploaded: nothing is there, for anybody.
  'GET /auth/branding/:name': refused(() => ({ params: { name: `${'0'.repeat(32)}-64x64.png` } }), { own: [404] }),
  // Nobody is signed in on our pages here; whose page it would be is in test/http/organizations/members-page.test.ts.
  'GET /auth/organization/members': indifferent(() => ({}), { own: [302] }),
  'POST /auth/organization/members': indifferent(() => ownPage({ intent: 'leave' }), { own: [302] }),
  'GET /auth/setup': refused(({ person }) => ({ query: { token: person.organization.setup.look } })),
  'POST /auth/setup/open': refused(({ person }) => ownPage({ token: person.organization.setup.open }), { own: [302] }),
  'POST /auth/setup': refused(
    ({ person }) => {
      const page = ownPage({ intent: 'add_domain', domain: 'set-up.example' })
      return { ...page, headers: { cookie: `${page.headers?.['cookie']}; __Secure-portico-setup=${person.organization.setup.holder}` } }
    },
    { own: [302] },
  ),
  'GET /auth/organization': indifferent(() => ({}), { own: [302] }),
  'POST /auth/organization': indifferent(() => ownPage({ intent: 'none' }), { own: [302] }),
  'GET /auth/account': indifferent(() => ({}), { own: [302] }),
  'POST /auth/account': indifferent(() => ownPage({ intent: 'end_all' }), { own: [302] }),
  'GET /auth/account/return': indifferent(({ person: { signIn } }) => ({ query: { code: signIn.linkCode } }), { own: [302] }),
  'POST /auth/account/passkey-options': refused(() => ({ body: {} }), { own: [401] }),
  'POST /auth/sign-out': indifferent(() => ownPage({}), { own: [302] }),
  'GET /auth/signed-out': open,
  // They lead to a page of the same project, whoever asks.
  'GET /auth/code': indifferent(() => ({}), { own: [302] }),
  'GET /auth/mfa': indifferent(() => ({}), { own: [302] }),
  'GET /auth/mfa/enrol': indifferent(() => ({}), { own: [302] }),
  'GET /auth/continue': indifferent(() => ({}), { own: [302] }),
  'GET /auth/passkey': indifferent(() => ({}), { own: [302] }),
  'GET /auth/sign-up/confirm': indifferent(() => ({}), { own: [302] }),
  'GET /auth/sign-out': indifferent(() => ({}), { own: [302] }),
  'GET /auth/reset': indifferent(({ person }) => ({ query: { token: person.oneTimeTokens['password_reset'] ?? '' } }), { own: [302] }),
  'GET /auth/password-reset': indifferent(({ person }) => ({ query: { token: person.oneTimeTokens['password_reset'] ?? '' } }), { own: [302] }),
  'GET /auth/confirm': indifferent(({ person }) => ({ query: { token: person.oneTimeTokens['email_confirm'] ?? '' } }), { own: [302] }),
  'GET /auth/invitation': indifferent(({ person }) => ({ query: { token: person.oneTimeTokens['invitation'] ?? '' } }), { own: [302] }),
  'GET /auth/magic-link': indifferent(({ person }) => ({ query: { token: person.signIn.magicLink } }), { own: [302] }),
  'POST /auth/code': refused(({ person }) => ownPage({ email: person.email, code: person.signIn.emailCode }), { own: [200] }),
  'POST /auth/mfa': refused(({ person: { guarded } }) => ownPage({ mfa_token: guarded.mfaToken, code: guarded.recoveryCode }), {
    own: [200],
  }),

  'GET /auth/oauth/:provider/start': refused(
    ({ person }) => ({ params: { provider: SHARED_PROVIDER }, query: { ticket: person.signIn.linkTicket } }),
    { own: [302] },
  ),
  'GET /auth/oauth/:provider/callback': refused((of) => ({ query: backFromProvider(of), ...atProvider(of) }), { own: [302] }),
  'POST /auth/oauth/:provider/callback': refused((of) => ({ form: backFromProvider(of), ...atProvider(of) }), { own: [302] }),
  'POST /auth/token/exchange': refused(({ person: { signIn } }) => ({
    body: { code: signIn.exchangeCode, code_verifier: signIn.exchangeVerifier },
  })),
  'GET /auth/identities': ownUser,
  'POST /auth/identities/complete': refused(({ person: { signIn } }) => ({
    body: { code: signIn.linkCode, code_verifier: signIn.linkVerifier },
  })),
  'POST /auth/identities/:provider/start': refused(({ person }) => ({
    params: { provider: SHARED_PROVIDER },
    body: { code_challenge: 'c'.repeat(43), password: person.password },
  })),
  'DELETE /auth/identities/:provider': refused(({ person }) => ({
    params: { provider: SHARED_PROVIDER },
    body: { password: person.password },
  })),
  'DELETE /auth/identities/:provider/:subject': refused(({ person }) => ({
    params: { provider: SHARED_PROVIDER, subject: person.signIn.subject },
    body: { password: person.password },
  })),

  'GET /auth/.well-known/webauthn': open,
  'GET /auth/factors': guardedUser(() => ({})),
  'POST /auth/factors': refused(({ person }) => ({ body: { type: 'totp', password: person.password } })),
  'POST /auth/factors/recovery-codes': guardedUser(() => ({ body: {} })),
  'POST /auth/factors/:id/verify': refused(({ person: { signIn } }) => ({
    params: { id: signIn.newFactorId },
    body: { code: signIn.newFactorCode },
  })),
  'DELETE /auth/factors/:id': guardedUser(({ person }) => ({ params: { id: person.guarded.factorId }, body: {} })),
  'POST /auth/mfa/verify': refused(({ person: { guarded } }) => ({ body: { mfa_token: guarded.mfaToken, code: guarded.recoveryCode } })),
  'POST /auth/mfa/challenge': guardedUser(({ person }) => ({ body: { code: person.guarded.recoveryCode } })),
  'POST /auth/recovery/confirm': refused(({ person }) => ({ body: { token: person.oneTimeTokens['account_recovery'] } })),
  'POST /auth/webauthn/register/options': refused(({ person }) => ({ body: { password: person.password } })),
  'POST /auth/webauthn/register/verify': refused(({ person }) => ({ body: { credential: person.signIn.registration } })),
  'POST /auth/webauthn/authenticate/options': refused(({ person }) => ({ body: { mfa_token: person.guarded.mfaToken } }), {
    bodyOptional: true,
  }),
  'POST /auth/webauthn/authenticate/verify': refused(({ person }) => ({ body: { credential: person.guarded.assertion } })),
  'GET /auth/webauthn/credentials': guardedUser(() => ({})),
  'PATCH /auth/webauthn/credentials/:id': guardedUser(({ person }) => ({
    params: { id: person.guarded.passkeyId },
    body: { friendly_name: 'Key' },
  })),
  'DELETE /auth/webauthn/credentials/:id': guardedUser(({ person }) => ({ params: { id: person.guarded.passkeyId } })),
  // Opening a link shows a button and spends nothing; the token stands in the page that its holder asked for.
  'GET /auth/mail/:purpose': indifferent(({ person }) => ({
    params: { purpose: 'password_reset' },
    query: { token: person.oneTimeTokens['password_reset'] ?? '' },
  })),
  // As with an invitation.
  'POST /auth/mail/:purpose/:provider': indifferent(
    ({ person }) => ({
      params: { purpose: 'email_confirm', provider: SHARED_PROVIDER },
      form: { token: person.oneTimeTokens['email_confirm'] ?? '' },
    }),
    { own: [302] },
  ),
  'POST /auth/mail/:purpose': refused(({ person }) => ({
    params: { purpose: 'password_reset' },
    form: { token: person.oneTimeTokens['password_reset'] ?? '', password: NEW_PASSWORD },
  })),
}

const ofProject = (more: (owned: Owned) => Sample = () => ({}), options: Partial<RouteSample> = {}): RouteSample =>
  refused((owned) => {
    const sample = more(owned)
    return { ...sample, params: { projectId: owned.tenant.projectId, ...sample.params } }
  }, options)

const ofWebhook = (more: (owned: Owned) => Sample = () => ({})): RouteSample =>
  ofProject((owned) => {
    const sample = more(owned)
    return { ...sample, params: { webhookId: owned.tenant.webhookId, ...sample.params } }
  })
/** One and the same for both callers: nobody's secret. */
const SINCE = new Date(Date.now() - 60_000).toISOString()

/** Of the whole tenant. */
const ofTenantWebhook = (more: (owned: Owned) => Sample = () => ({})): RouteSample =>
  refused((owned) => {
    const sample = more(owned)
    return { ...sample, params: { webhookId: owned.tenant.tenantWebhookId, ...sample.params } }
  })
const ofTenantDelivery = (): RouteSample => ofTenantWebhook(({ tenant }) => ({ params: { deliveryId: tenant.tenantDeliveryId } }))
const ofDelivery = (): RouteSample => ofWebhook(({ tenant }) => ({ params: { deliveryId: tenant.webhookDeliveryId } }))

const ofUser = (more: (owned: Owned) => Sample = () => ({})): RouteSample =>
  ofProject((owned) => {
    const sample = more(owned)
    return { ...sample, params: { userId: owned.person.userId, ...sample.params } }
  })

const FROM_CONSOLE = { origin: 'https://control.example.test' }

/** Every route of the control plane. */
export const CONTROL_PLANE: Readonly<Record<string, RouteSample>> = {
  ...ORGANIZATION_CONTROL_SAMPLES,
  ...DIRECTORY_CONTROL_SAMPLES,
  ...SSO_CONTROL_SAMPLES,
  'GET /health/live': open,
  'GET /health/ready': open,
  'GET /openapi.json': open,
  'GET /docs': open,
  'GET /docs/reference.js': open,
  // To the console.
  'GET /': { ...open, own: [302] },
  'GET /console': open,
  'GET /console/*': open,
  'GET /console/preview': open,
  'POST /__test/clock': indifferent(() => ({ body: { advance_seconds: 0 } })),

  'POST /api/v1/tenants': refused(() => ({ body: { name: 'One more' } }), { operator: true }),
  'GET /api/v1/tenants': refused(() => ({}), { operator: true }),
  'POST /api/v1/api-keys': indifferent(() => ({ body: { name: 'one more', scopes: ['projects:read'] } })),
  'GET /api/v1/api-keys': indifferent(() => ({})),
  'DELETE /api/v1/api-keys/:keyId': refused(({ tenant }) => ({ params: { keyId: tenant.keyId } })),
  'POST /api/v1/projects': indifferent(() => ({ body: { name: 'One more' } })),
  'GET /api/v1/projects': indifferent(() => ({ query: { q: 'e' } })),
  'GET /api/v1/projects/:projectId': ofProject(),
  'PATCH /api/v1/projects/:projectId': ofProject(() => ({ body: { metadata: { colour: 'blue' } } })),
  'DELETE /api/v1/projects/:projectId': refused(({ tenant }) => ({ params: { projectId: tenant.secondProjectId } })),
  'POST /api/v1/projects/:projectId/auth': ofProject(),
  'GET /api/v1/projects/:projectId/auth': ofProject(),
  'PATCH /api/v1/projects/:projectId/auth': ofProject(() => ({ body: { allow_signups: true } })),
  // Last of its project: see `LAST`.
  'DELETE /api/v1/projects/:projectId/auth': ofProject(),
  'POST /api/v1/projects/:projectId/auth/pages/preview': ofProject(() => ({ body: { page: 'sign-in' } })),
  'POST /api/v1/projects/:projectId/auth/secret/rotate': ofProject(() => ({ body: { mode: 'staged' } })),
  'GET /api/v1/projects/:projectId/auth/secret/rotation': ofProject(),
  'POST /api/v1/projects/:projectId/auth/secret/rotation/switch': ofProject(() => ({}), { own: [200, 404, 409] }),
  'DELETE /api/v1/projects/:projectId/auth/secret/rotation': ofProject(() => ({}), { own: [200, 404, 409] }),
  'GET /api/v1/projects/:projectId/runtime-env': ofProject(),
  'PUT /api/v1/projects/:projectId/runtime-env': ofProject(() => ({ body: { variables: { COLOUR: 'blue' } } })),
  'GET /api/v1/projects/:projectId/variables': ofProject(),
  'GET /api/v1/projects/:projectId/runtime-env/variables': ofProject(),
  'PUT /api/v1/projects/:projectId/runtime-env/:name': ofProject(() => ({ params: { name: 'COLOUR' }, body: { value: 'blue' } })),
  'DELETE /api/v1/projects/:projectId/runtime-env/:name': ofProject(() => ({ params: { name: 'COLOUR' } })),
  'POST /api/v1/projects/:projectId/instances': ofProject(() => ({ body: { name: 'one more' } })),
  'GET /api/v1/projects/:projectId/instances': ofProject(),
  'POST /api/v1/projects/:projectId/instances/:instanceId/heartbeat': ofProject(({ tenant }) => ({
    params: { instanceId: tenant.instanceId },
  })),
  'DELETE /api/v1/projects/:projectId/instances/:instanceId': ofProject(({ tenant }) => ({ params: { instanceId: tenant.instanceId } })),

  'GET /api/v1/projects/:projectId/users': ofProject(),
  'POST /api/v1/projects/:projectId/users': ofProject(({ person }) => ({ body: { email: `made.${person.email}` } })),
  'GET /api/v1/projects/:projectId/users/export': ofProject(),
  'POST /api/v1/projects/:projectId/users/bulk': ofProject(({ person }) => ({ body: { action: 'end_sessions', ids: [person.userId] } }), { foreign: 'indifferent' }),
  'GET /api/v1/projects/:projectId/users/:userId': ofUser(),
  'PATCH /api/v1/projects/:projectId/users/:userId': ofUser(() => ({ body: { metadata: { colour: 'blue' } } })),
  'DELETE /api/v1/projects/:projectId/users/:userId': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/erase': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/disable': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/enable': ofUser(),
  'GET /api/v1/projects/:projectId/users/:userId/sessions': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/sessions': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/sessions/:sessionId': ofUser(({ person }) => ({
    params: { sessionId: person.secondSessionId },
  })),
  'GET /api/v1/projects/:projectId/users/:userId/passkeys': ofUser(),
  'GET /api/v1/projects/:projectId/users/:userId/organizations': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/factors': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/recovery': ofUser(),
  'GET /api/v1/projects/:projectId/users/:userId/identities': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/identities/:provider': ofUser(() => ({ params: { provider: SHARED_PROVIDER } })),
  'DELETE /api/v1/projects/:projectId/users/:userId/identities/:provider/:subject': ofUser(({ person }) => ({
    params: { provider: SHARED_PROVIDER, subject: person.signIn.subject },
  })),
  'POST /api/v1/projects/:projectId/users/:userId/evict': ofUser(),

  // The same name may wait for its proof in many projects.
  'GET /api/v1/projects/:projectId/auth/providers': ofProject(),
  'GET /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({ params: { provider: SHARED_PROVIDER } })),
  'PUT /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({
    params: { provider: 'google' },
    body: { client_id: 'id', client_secret: 'secret' },
  })),
  // Made by the sample before it.
  'DELETE /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({ params: { provider: 'google' } }), {
    own: [200, 204, 404],
  }),
  'POST /api/v1/projects/:projectId/auth/providers/:provider/test': ofProject(() => ({ params: { provider: SHARED_PROVIDER } })),
  'PUT /api/v1/projects/:projectId/auth/branding/:kind': ofProject(() => ({ params: { kind: 'icon' }, body: { data: PICTURE } })),
  'DELETE /api/v1/projects/:projectId/auth/branding/:kind': ofProject(() => ({ params: { kind: 'icon' } }), { own: [200, 404] }),
  'GET /api/v1/projects/:projectId/mail/templates': ofProject(),
  'GET /api/v1/projects/:projectId/mail/templates/:template/:locale': ofProject(() => ({ params: TEMPLATE })),
  'PUT /api/v1/projects/:projectId/mail/templates/:template/:locale': ofProject(() => ({ params: TEMPLATE, body: WORDS })),
  'POST /api/v1/projects/:projectId/mail/templates/:template/:locale/preview': ofProject(() => ({ params: TEMPLATE, body: {} })),
  'POST /api/v1/projects/:projectId/mail/templates/:template/:locale/test': ofProject(() => ({ params: TEMPLATE, body: { to: 'nobody@example.com' } })),
  'DELETE /api/v1/projects/:projectId/mail/templates/:template/:locale': ofProject(() => ({ params: TEMPLATE }), { own: [200, 404] }),
  'GET /api/v1/projects/:projectId/mails': ofProject(),
  'GET /api/v1/projects/:projectId/mail/suppressions': ofProject(),
  'DELETE /api/v1/projects/:projectId/mail/suppressions/:address': ofProject(() => ({ params: { address: 'nobody@example.com' } }), { own: [404] }),
  'GET /api/v1/projects/:projectId/mail/sender': ofProject(),
  'PUT /api/v1/projects/:projectId/mail/sender': ofProject(() => ({ body: SENDER }), { own: [422] }),
  'POST /api/v1/projects/:projectId/mail/sender/verify': ofProject(() => ({}), { own: [404] }),
  'DELETE /api/v1/projects/:projectId/mail/sender': ofProject(() => ({}), { own: [404] }),
  // Nobody has given the secret of a webhook.
  'POST /api/v1/mail/events/resend/:ownerId': refused(({ tenant }) => ({ params: { ownerId: tenant.projectId }, body: {} }), {
    own: [401],
  }),
  'GET /api/v1/mail/sender': indifferent(() => ({})),
  'PUT /api/v1/mail/sender': indifferent(() => ({ body: SENDER }), { own: [422] }),
  'POST /api/v1/mail/sender/verify': indifferent(() => ({}), { own: [404] }),
  'DELETE /api/v1/mail/sender': indifferent(() => ({}), { own: [404] }),
  'GET /api/v1/projects/:projectId/auth/captcha': ofProject(),
  'PUT /api/v1/projects/:projectId/auth/captcha': ofProject(() => ({ body: { provider: 'turnstile', site_key: 'site' } }), { own: [422] }),
  'DELETE /api/v1/projects/:projectId/auth/captcha': ofProject(() => ({}), { own: [404] }),
  'POST /api/v1/projects/:projectId/users/invite': ofProject(({ person }) => ({ body: { email: `invited.${person.email}` } })),
  'POST /api/v1/projects/:projectId/domains': ofProject(({ person }) => ({ body: { hostname: `${person.userId}.example.net` } }), {
    foreign: 'indifferent',
  }),
  'GET /api/v1/projects/:projectId/domains': ofProject(),
  'POST /api/v1/projects/:projectId/domains/:domainId/verify': ofProject(({ tenant }) => ({ params: { domainId: tenant.domainId } })),
  'POST /api/v1/projects/:projectId/domains/:domainId/main': ofProject(({ tenant }) => ({ params: { domainId: tenant.domainId } })),
  'POST /api/v1/projects/:projectId/domains/:domainId/hand-over': ofProject(
    ({ tenant }) => ({ params: { domainId: tenant.domainId }, body: { project_id: tenant.projectId } }),
    { own: [422] },
  ),
  'DELETE /api/v1/projects/:projectId/domains/:domainId': ofProject(({ tenant }) => ({ params: { domainId: tenant.domainId } })),

  'GET /api/v1/projects/:projectId/webhooks': ofProject(),
  'POST /api/v1/projects/:projectId/webhooks': ofProject(() => ({ body: { url: 'https://93.184.216.34/portico' } })),
  'GET /api/v1/projects/:projectId/webhooks/:webhookId': ofWebhook(),
  'PATCH /api/v1/projects/:projectId/webhooks/:webhookId': ofWebhook(() => ({ body: { description: 'mine' } })),
  'POST /api/v1/projects/:projectId/webhooks/:webhookId/secret/rotate': ofWebhook(),
  'POST /api/v1/projects/:projectId/webhooks/:webhookId/test': ofWebhook(),
  'POST /api/v1/projects/:projectId/webhooks/:webhookId/replay': ofWebhook(() => ({ body: { since: SINCE } })),
  'GET /api/v1/projects/:projectId/webhooks/:webhookId/replays': ofWebhook(),
  'GET /api/v1/projects/:projectId/webhooks/:webhookId/replays/:replayId': ofWebhook(({ tenant }) => ({
    params: { replayId: tenant.webhookReplayId },
  })),
  'GET /api/v1/projects/:projectId/webhooks/:webhookId/deliveries': ofWebhook(),
  'GET /api/v1/projects/:projectId/webhooks/:webhookId/deliveries/:deliveryId': ofDelivery(),
  'POST /api/v1/projects/:projectId/webhooks/:webhookId/deliveries/:deliveryId/resend': ofDelivery(),
  'DELETE /api/v1/projects/:projectId/webhooks/:webhookId': ofWebhook(),
  'GET /api/v1/webhooks': indifferent(() => ({})),
  'POST /api/v1/webhooks': refused(({ tenant }) => ({ body: { url: 'https://93.184.216.34/portico', project_ids: [tenant.projectId] } })),
  'GET /api/v1/webhooks/:webhookId': ofTenantWebhook(),
  'PATCH /api/v1/webhooks/:webhookId': ofTenantWebhook(() => ({ body: { description: 'mine' } })),
  'POST /api/v1/webhooks/:webhookId/secret/rotate': ofTenantWebhook(),
  'POST /api/v1/webhooks/:webhookId/test': ofTenantWebhook(),
  'POST /api/v1/webhooks/:webhookId/replay': ofTenantWebhook(() => ({ body: { since: SINCE } })),
  'GET /api/v1/webhooks/:webhookId/replays': ofTenantWebhook(),
  'GET /api/v1/webhooks/:webhookId/replays/:replayId': ofTenantWebhook(({ tenant }) => ({ params: { replayId: tenant.tenantReplayId } })),
  'GET /api/v1/webhooks/:webhookId/deliveries': ofTenantWebhook(),
  'GET /api/v1/webhooks/:webhookId/deliveries/:deliveryId': ofTenantDelivery(),
  'POST /api/v1/webhooks/:webhookId/deliveries/:deliveryId/resend': ofTenantDelivery(),
  'DELETE /api/v1/webhooks/:webhookId': ofTenantWebhook(),
  'GET /api/v1/projects/:projectId/hooks': ofProject(),
  'PUT /api/v1/projects/:projectId/hooks/:hook': ofProject(() => ({
    params: { hook: 'before_password_change' }, body: { url: 'https://93.184.216.34/hook', on_failure: 'allow', enabled: false },
  })),
  'POST /api/v1/projects/:projectId/hooks/:hook/secret/rotate': ofProject(() => ({ params: { hook: 'before_password_change' } })),
  // Turned off, so that nobody is called.
  'POST /api/v1/projects/:projectId/hooks/:hook/test': ofProject(() => ({ params: { hook: 'before_password_change' } }), { own: [404] }),
  'DELETE /api/v1/projects/:projectId/hooks/:hook': ofProject(() => ({ params: { hook: 'before_password_change' } })),
  'GET /api/v1/usage': indifferent(() => ({ query: { interval: 'month' } })),
  'GET /api/v1/projects/:projectId/usage': ofProject(),
  'GET /api/v1/stats': indifferent(() => ({ query: { interval: 'day' } })),
  'GET /api/v1/projects/:projectId/stats': ofProject(),
  'GET /api/v1/projects/:projectId/events': ofProject(),
  'GET /api/v1/projects/:projectId/events/stream': ofProject(() => ({ query: { max_seconds: '1' } })),
  'GET /api/v1/audit-log': indifferent(() => ({ query: { limit: '100' } })),
  'GET /api/v1/projects/:projectId/audit-log': ofProject(),
  'GET /api/v1/projects/:projectId/audit-log/export': ofProject(),
  'GET /api/v1/audit-keys': indifferent(() => ({})),
  'GET /api/v1/audit-log/export': indifferent(() => ({})),
  'GET /api/v1/audit-log/retention': indifferent(() => ({})),
  'PUT /api/v1/audit-log/retention': indifferent(() => ({ body: { days: null } })),
  'GET /api/v1/audit-log/stream': indifferent(() => ({})),
  'PUT /api/v1/audit-log/stream': indifferent(() => ({ body: { kind: 'https', url: 'https://10.0.0.1/' } }), { own: [422] }),
  'DELETE /api/v1/audit-log/stream': indifferent(() => ({}), { own: [404] }),
  'GET /api/v1/projects/:projectId/erasures': ofProject(),

  'GET /api/v1/project-auth/status': refused(({ tenant }) => ({ query: { resource_type: 'project', resource_id: tenant.projectId } })),
  'POST /api/v1/project-auth/enable': refused(({ tenant }) => ({ body: { resource_type: 'project', resource_id: tenant.projectId } })),
  'POST /api/v1/project-auth/disable': refused(({ tenant }) => ({ body: { resource_type: 'project', resource_id: tenant.projectId } })),
  'PATCH /api/v1/project-auth/config': refused(({ tenant }) => ({
    body: { resource_type: 'project', resource_id: tenant.projectId, config: { signup_enabled: true } },
  })),

  // Development only: the whole installation's mail, for its operator.
  'GET /api/v1/me': indifferent(() => ({})),
  'POST /api/v1/device/code': indifferent(() => ({ body: { client_name: 'portico on a machine' } })),
  'POST /api/v1/device/token': refused(() => ({ body: { device_code: 'a code that is none' } }), { own: [400] }),
  // A person decides: no key does.
  'GET /api/v1/device/requests/:userCode': refused(() => ({ params: { userCode: 'BCDF-GHJK' } }), { own: [403] }),
  'POST /api/v1/device/approve': refused(() => ({ body: { user_code: 'BCDF-GHJK' } }), { own: [403] }),
  'GET /api/v1/console/session': open,
  // To the page of the console.
  'GET /dev/inbox': { ...open, own: [302] },
  'POST /api/v1/console/sign-out': indifferent(() => ({ headers: FROM_CONSOLE })),
  // No tenant has the code, and keys open no console in this mode.
  'POST /api/v1/console/setup': refused(() => ({ body: { email: 'eve@example.com', password: NEW_PASSWORD }, headers: FROM_CONSOLE }), {
    own: [401],
  }),
  'POST /api/v1/console/token': refused(({ tenant }) => ({ body: { token: tenant.apiKey }, headers: FROM_CONSOLE }), { own: [403] }),
  // There is no demo here.
  'POST /api/v1/console/demo': refused(() => ({ headers: FROM_CONSOLE }), { own: [404] }),
  'GET /api/v1/console/sign-in-settings': refused(() => ({}), { operator: true, own: [200] }),
  'PATCH /api/v1/console/sign-in-settings': refused(() => ({ query: { dry_run: 'true' }, body: { mfa: 'optional' } }), {
    operator: true,
    own: [200],
  }),
  'PUT /api/v1/console/access': refused(() => ({ body: { mode: 'open' } }), { operator: true, own: [409] }),
  // For people; a key shows its own tenant.
  'POST /api/v1/console/tenant': refused(({ tenant }) => ({ body: { tenant_id: tenant.tenantId } }), { own: [404] }),
  'GET /api/v1/console/sign-in': indifferent(() => ({}), { own: [302] }),
  'GET /api/v1/console/callback': refused(() => ({ query: { state: 'x', code: 'y' } }), { own: [400] }),
  'GET /api/v1/console/arrived': refused(() => ({}), { own: [400] }),
  'GET /api/v1/members': indifferent(() => ({})),
  'POST /api/v1/members': indifferent(() => ({ body: { email: `new-${randomUUID()}@example.com`, role: 'viewer' } })),
  'PATCH /api/v1/members/:userId': refused(({ tenant }) => ({ params: { userId: tenant.memberId }, body: { role: 'editor' } })),
  'DELETE /api/v1/members/:userId': refused(({ tenant }) => ({ params: { userId: tenant.memberId } })),
  'GET /api/v1/roles': indifferent(() => ({})),
  'POST /api/v1/roles': indifferent(() => ({ body: { name: `r-${randomUUID().slice(0, 8)}`, permissions: ['users.read'] } })),
  'PATCH /api/v1/roles/:role': refused(({ tenant }) => ({ params: { role: tenant.roleName }, body: { permissions: ['projects.read'] } })),
  'DELETE /api/v1/roles/:role': refused(({ tenant }) => ({ params: { role: tenant.roleName } })),
  'GET /dev/inbox.json': open,
  'GET /dev/inbox/:mailId': indifferent(() => ({ params: { mailId: '00000000-0000-4000-8000-000000000000' } }), { own: [404] }),
}

/** Routes whose own request ends what the others need: tried after them. */
export const LAST: readonly string[] = [
  'DELETE /api/v1/projects/:projectId/instances/:instanceId',
  'DELETE /api/v1/projects/:projectId',
  'DELETE /api/v1/api-keys/:keyId',
  'DELETE /api/v1/projects/:projectId/domains/:domainId',
  'DELETE /api/v1/projects/:projectId/webhooks/:webhookId',
  'DELETE /api/v1/webhooks/:webhookId',
  'DELETE /api/v1/projects/:projectId/hooks/:hook',
  'DELETE /api/v1/projects/:projectId/auth',
  'POST /api/v1/project-auth/disable',
]
