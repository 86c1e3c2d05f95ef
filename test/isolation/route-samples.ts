import type { PersonLoot, TenantLoot } from './two-tenants.js'

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
   * - `indifferent`: it may be answered like anybody's, for example a reset request for an address; it still must touch and show nothing of theirs.
   */
  foreign: 'refused' | 'indifferent'
  /** Answers of the owner's own request, which shows that the sample is a good one. Default: any 2xx. */
  own?: number[]
  /** Control plane: needs the operator's key, which no tenant has. */
  operator?: true
}

export interface Owned {
  tenant: TenantLoot
  person: PersonLoot
}

const refused = (request: RouteSample['request'], more: Partial<RouteSample> = {}): RouteSample => ({ request, foreign: 'refused', ...more })
const indifferent = (request: RouteSample['request'], more: Partial<RouteSample> = {}): RouteSample => ({ request, foreign: 'indifferent', ...more })

const login = refused(({ person }) => ({ body: { email: person.email, password: person.password } }))
const reset = indifferent(({ person }) => ({ body: { email: person.email } }))
const ownUser = refused(() => ({}))
const changeUser = refused(() => ({ body: { metadata: { colour: 'blue' } } }))
const deleteUser = refused(({ person }) => ({ body: { password: person.password } }))
const open = indifferent(() => ({}))
const NEW_PASSWORD = 'a new and long enough pass 7'

/** Every route of the data plane. A route that is not here fails the build: say what a good request to it looks like. */
export const DATA_PLANE: Readonly<Record<string, RouteSample>> = {
  'GET /health/live': open,
  'GET /health/ready': open,
  'GET /metrics': open,
  'GET /openapi.json': open,
  'GET /docs': open,
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
  'POST /auth/password-reset/confirm': refused(({ person }) => ({ body: { token: person.oneTimeTokens['password_reset'], password: NEW_PASSWORD } })),
  'POST /auth/password': refused(({ person }) => ({ body: { current_password: person.password, password: NEW_PASSWORD } })),
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
  'POST /auth/email/resend': reset,
  'POST /auth/email/change': refused(({ person }) => ({ body: { email: `moved.${person.email}`, password: person.password } })),
  'POST /auth/email/change/undo': refused(({ person }) => ({ body: { token: person.oneTimeTokens['email_change_undo'] } })),

  // The projects have these methods off: the owner is refused too, and in the same way. With them on: test/http/{passwordless,oauth}.
  'POST /auth/magic-link': refused(({ person }) => ({ body: { email: person.email } }), { own: [403] }),
  'POST /auth/magic-link/confirm': refused(({ person }) => ({ body: { token: person.oneTimeTokens['password_reset'] } }), { own: [403] }),
  'POST /auth/email/start': refused(({ person }) => ({ body: { email: person.email } }), { own: [403] }),
  'POST /auth/email/verify': refused(({ person }) => ({ body: { email: person.email, code: '123456' } }), { own: [403] }),
  'POST /auth/invitation/accept': refused(({ person }) => ({ body: { token: person.oneTimeTokens['password_reset'], password: NEW_PASSWORD } }), { own: [400] }),
  'GET /auth/oauth/:provider/start': refused(() => ({ params: { provider: 'google' } }), { own: [403] }),
  'GET /auth/oauth/:provider/callback': refused(() => ({ params: { provider: 'google' }, query: { state: 'x', code: 'x' } }), { own: [400] }),
  'POST /auth/oauth/:provider/callback': refused(() => ({ params: { provider: 'apple' }, form: { state: 'x', code: 'x' } }), { own: [400] }),
  'POST /auth/token/exchange': refused(() => ({ body: { code: 'x', code_verifier: 'v'.repeat(43) } }), { own: [400] }),
  'GET /auth/identities': ownUser,
  'POST /auth/identities/complete': refused(() => ({ body: { code: 'x', code_verifier: 'v'.repeat(43) } }), { own: [400] }),
  'POST /auth/identities/:provider/start': refused(() => ({ params: { provider: 'google' }, body: { code_challenge: 'c'.repeat(43) } }), { own: [403] }),
  'DELETE /auth/identities/:provider': refused(() => ({ params: { provider: 'google' } }), { own: [404] }),
  'DELETE /auth/identities/:provider/:subject': refused(() => ({ params: { provider: 'google', subject: '1' } }), { own: [404] }),
  'GET /auth/mail/magic_link': open,
  'POST /auth/mail/magic_link': refused(({ person }) => ({ form: { token: person.oneTimeTokens['password_reset'] ?? '' } }), { own: [403] }),
  'GET /auth/mail/invitation': open,
  'POST /auth/mail/invitation': refused(({ person }) => ({ form: { token: person.oneTimeTokens['password_reset'] ?? '', password: NEW_PASSWORD } }), { own: [400] }),
  'POST /auth/mail/invitation/:provider': refused(({ person }) => ({ params: { provider: 'google' }, form: { token: person.oneTimeTokens['password_reset'] ?? '' } }), { own: [403] }),
  // The projects have second factors off. With them on: test/http/{factors,webauthn}.
  'GET /auth/.well-known/webauthn': open,
  'GET /auth/factors': ownUser,
  'POST /auth/factors': refused(() => ({ body: { type: 'totp' } }), { own: [403] }),
  'POST /auth/factors/recovery-codes': refused(() => ({ body: {} }), { own: [403] }),
  'POST /auth/factors/:id/verify': refused(({ person }) => ({ params: { id: person.secondSessionId }, body: { code: '123456' } }), { own: [403] }),
  'DELETE /auth/factors/:id': refused(({ person }) => ({ params: { id: person.secondSessionId } }), { own: [404] }),
  'POST /auth/mfa/verify': refused(({ person }) => ({ body: { mfa_token: person.oneTimeTokens['password_reset'], code: '123456' } }), { own: [400] }),
  'POST /auth/mfa/challenge': ownUser,
  'POST /auth/recovery/confirm': refused(({ person }) => ({ body: { token: person.oneTimeTokens['password_reset'] } }), { own: [400] }),
  'POST /auth/webauthn/register/options': refused(() => ({ body: {} })),
  'POST /auth/webauthn/register/verify': refused(() => ({ body: { credential: {} } }), { own: [401] }),
  'POST /auth/webauthn/authenticate/options': open,
  'POST /auth/webauthn/authenticate/verify': refused(() => ({ body: { credential: {} } }), { own: [401] }),
  'GET /auth/webauthn/credentials': ownUser,
  'PATCH /auth/webauthn/credentials/:id': refused(({ person }) => ({ params: { id: person.secondSessionId }, body: { friendly_name: 'Key' } }), { own: [404] }),
  'DELETE /auth/webauthn/credentials/:id': refused(({ person }) => ({ params: { id: person.secondSessionId } }), { own: [404] }),
  // Opening a link shows a button and spends nothing; the token stands in the page that its holder asked for.
  'GET /auth/mail/:purpose': indifferent(({ person }) => ({ params: { purpose: 'password_reset' }, query: { token: person.oneTimeTokens['password_reset'] ?? '' } })),
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

const ofUser = (more: (owned: Owned) => Sample = () => ({})): RouteSample =>
  ofProject((owned) => {
    const sample = more(owned)
    return { ...sample, params: { userId: owned.person.userId, ...sample.params } }
  })

/** Every route of the control plane. */
export const CONTROL_PLANE: Readonly<Record<string, RouteSample>> = {
  'GET /health/live': open,
  'GET /health/ready': open,
  'GET /metrics': open,
  'GET /openapi.json': open,
  'GET /docs': open,
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
  'POST /api/v1/projects/:projectId/auth/secret/rotate': ofProject(() => ({ body: { mode: 'staged' } })),
  'GET /api/v1/projects/:projectId/auth/secret/rotation': ofProject(),
  'DELETE /api/v1/projects/:projectId/auth/secret/rotation': ofProject(() => ({}), { own: [200, 404, 409] }),
  'GET /api/v1/projects/:projectId/runtime-env': ofProject(),
  'PUT /api/v1/projects/:projectId/runtime-env': ofProject(() => ({ body: { variables: { COLOUR: 'blue' } } })),
  'GET /api/v1/projects/:projectId/variables': ofProject(),
  'GET /api/v1/projects/:projectId/runtime-env/variables': ofProject(),
  'PUT /api/v1/projects/:projectId/runtime-env/:name': ofProject(() => ({ params: { name: 'COLOUR' }, body: { value: 'blue' } })),
  'DELETE /api/v1/projects/:projectId/runtime-env/:name': ofProject(() => ({ params: { name: 'COLOUR' } })),
  'POST /api/v1/projects/:projectId/instances': ofProject(() => ({ body: { name: 'one more' } })),
  'GET /api/v1/projects/:projectId/instances': ofProject(),
  'POST /api/v1/projects/:projectId/instances/:instanceId/heartbeat': ofProject(({ tenant }) => ({ params: { instanceId: tenant.instanceId } })),
  'DELETE /api/v1/projects/:projectId/instances/:instanceId': ofProject(({ tenant }) => ({ params: { instanceId: tenant.instanceId } })),

  'GET /api/v1/projects/:projectId/users': ofProject(),
  'POST /api/v1/projects/:projectId/users': ofProject(({ person }) => ({ body: { email: `made.${person.email}` } })),
  'GET /api/v1/projects/:projectId/users/:userId': ofUser(),
  'PATCH /api/v1/projects/:projectId/users/:userId': ofUser(() => ({ body: { metadata: { colour: 'blue' } } })),
  'DELETE /api/v1/projects/:projectId/users/:userId': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/disable': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/enable': ofUser(),
  'GET /api/v1/projects/:projectId/users/:userId/sessions': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/sessions': ofUser(),
  'DELETE /api/v1/projects/:projectId/users/:userId/sessions/:sessionId': ofUser(({ person }) => ({ params: { sessionId: person.secondSessionId } })),
  'DELETE /api/v1/projects/:projectId/users/:userId/factors': ofUser(),
  'POST /api/v1/projects/:projectId/users/:userId/recovery': ofUser(),

  // The same name may wait for its proof in many projects.
  'GET /api/v1/projects/:projectId/auth/providers': ofProject(),
  'GET /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({ params: { provider: 'google' } })),
  'PUT /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({ params: { provider: 'google' }, body: { client_id: 'id', client_secret: 'secret' } })),
  'DELETE /api/v1/projects/:projectId/auth/providers/:provider': ofProject(() => ({ params: { provider: 'github' } }), { own: [404] }),
  'POST /api/v1/projects/:projectId/auth/providers/:provider/test': ofProject(() => ({ params: { provider: 'github' } }), { own: [404] }),
  'GET /api/v1/projects/:projectId/auth/captcha': ofProject(),
  'PUT /api/v1/projects/:projectId/auth/captcha': ofProject(() => ({ body: { provider: 'turnstile', site_key: 'site' } }), { own: [422] }),
  'DELETE /api/v1/projects/:projectId/auth/captcha': ofProject(() => ({}), { own: [404] }),
  'POST /api/v1/projects/:projectId/users/invite': ofProject(({ person }) => ({ body: { email: `invited.${person.email}` } })),
  'POST /api/v1/projects/:projectId/domains': ofProject(({ person }) => ({ body: { hostname: `${person.userId}.example.net` } }), { foreign: 'indifferent' }),
  'GET /api/v1/projects/:projectId/domains': ofProject(),
  'POST /api/v1/projects/:projectId/domains/:domainId/verify': ofProject(({ tenant }) => ({ params: { domainId: tenant.domainId } })),
  'DELETE /api/v1/projects/:projectId/domains/:domainId': ofProject(({ tenant }) => ({ params: { domainId: tenant.domainId } })),

  'GET /api/v1/audit-log': indifferent(() => ({ query: { limit: '100' } })),
  'GET /api/v1/projects/:projectId/audit-log': ofProject(),

  'GET /api/v1/project-auth/status': refused(({ tenant }) => ({ query: { resource_type: 'project', resource_id: tenant.projectId } })),
  // A resource that the tenant does not have yet is made: ids are the tenant's own there, whatever they look like.
  'POST /api/v1/project-auth/enable': indifferent(({ tenant }) => ({ body: { resource_type: 'project', resource_id: tenant.projectId } })),
  'POST /api/v1/project-auth/disable': refused(({ tenant }) => ({ body: { resource_type: 'project', resource_id: tenant.projectId } })),
  'PATCH /api/v1/project-auth/config': refused(({ tenant }) => ({ body: { resource_type: 'project', resource_id: tenant.projectId, config: { signup_enabled: true } } })),

  // Development only: the whole installation's mail, for whoever runs it.
  'GET /dev/inbox': open,
  'GET /dev/inbox.json': open,
}

/** Routes whose own request ends what the others need: tried after them. */
export const LAST: readonly string[] = [
  'DELETE /api/v1/projects/:projectId/instances/:instanceId',
  'DELETE /api/v1/projects/:projectId',
  'DELETE /api/v1/api-keys/:keyId',
  'DELETE /api/v1/projects/:projectId/domains/:domainId',
  'DELETE /api/v1/projects/:projectId/auth',
  'POST /api/v1/project-auth/disable',
]
