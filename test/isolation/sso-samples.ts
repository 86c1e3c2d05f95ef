import type { Owned, RouteSample, Sample } from './route-samples.js'

type Request = (of: Owned) => Sample

const refused = (request: Request, more: Partial<RouteSample> = {}): RouteSample => ({ request, foreign: 'refused', ...more })
const CHALLENGE = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
const atConnection = ({ person }: Owned) => ({ params: { connection: person.sso.connectionId } })
const flow = ({ person }: Owned, index: number) => person.sso.flows[index]!

/** Single sign-on on the data plane. */
export const SSO_SAMPLES: Readonly<Record<string, RouteSample>> = {
  // Which domains a project answers for is no secret of anybody; a foreign one is answered like an unknown one.
  'POST /auth/sso/discover': { request: ({ person }) => ({ body: { email: person.sso.email } }), foreign: 'indifferent' },
  'GET /auth/sso/start': refused(({ person }) => ({ query: { connection_id: person.sso.connectionId, ...CHALLENGE } }), { own: [302] }),
  'GET /auth/sso/test': refused(({ person }) => ({ query: { ticket: person.sso.ticket } }), { own: [302] }),
  'GET /auth/sso/:connection/metadata': refused(atConnection),
  // Without a signature nobody is signed out, at one's own connection neither; test/http/sso/logout.test.ts has signed foreign ones.
  'GET /auth/sso/:connection/slo': refused(atConnection, { own: [404] }),
  'POST /auth/sso/:connection/slo': refused((of) => ({ ...atConnection(of), form: { SAMLRequest: 'eA==' } }), { own: [404] }),
  // What comes is no good answer, so the app is told; whoever did not begin is told nothing.
  'GET /auth/sso/:connection/callback': refused(
    (of) => ({ ...atConnection(of), query: { state: flow(of, 0).state, code: 'x' }, headers: { cookie: flow(of, 0).cookie } }),
    { own: [302] },
  ),
  'POST /auth/sso/:connection/acs': refused(
    (of) => {
      const { state: RelayState, cookie } = flow(of, 1)
      return { ...atConnection(of), form: { RelayState, SAMLResponse: 'eA==' }, headers: { cookie } }
    },
    { own: [302] },
  ),
}

const ofProject = (more: Request = () => ({}), rest: Partial<RouteSample> = {}): RouteSample =>
  refused((of) => {
    const { params, ...said } = more(of)
    return { params: { projectId: of.tenant.projectId, ...params }, ...said }
  }, rest)
const connection: Request = ({ person }) => ({ params: { connectionId: person.sso.connectionId } })
const key: Request = ({ person }) => ({ params: { connectionId: person.sso.connectionId, keyId: person.sso.keyId } })
const base = '/api/v1/projects/:projectId/sso'
const domains = '/api/v1/projects/:projectId/email-domains'

/** The same on the control plane. */
export const SSO_CONTROL_SAMPLES: Readonly<Record<string, RouteSample>> = {
  [`GET ${base}/connections`]: ofProject(),
  [`POST ${base}/connections`]: ofProject(() => ({ body: { name: 'Another company', protocol: 'saml' } })),
  [`GET ${base}/connections/:connectionId`]: ofProject(connection),
  [`PATCH ${base}/connections/:connectionId`]: ofProject((of) => ({ ...connection(of), body: { name: 'Renamed' } })),
  [`DELETE ${base}/connections/:connectionId`]: ofProject(connection),
  [`POST ${base}/connections/:connectionId/tests`]: ofProject(connection),
  [`GET ${base}/connections/:connectionId/attempts`]: ofProject(connection),
  [`GET ${base}/connections/:connectionId/attempts/:attemptId`]: ofProject(({ person }) => ({
    params: { connectionId: person.sso.connectionId, attemptId: person.sso.attemptId },
  })),
  [`GET ${base}/connections/:connectionId/keys`]: ofProject(connection),
  [`POST ${base}/connections/:connectionId/keys`]: ofProject(connection),
  [`POST ${base}/connections/:connectionId/keys/:keyId/use`]: ofProject(key),
  [`DELETE ${base}/connections/:connectionId/keys/:keyId`]: ofProject(key),
  [`GET ${base}/break-glass`]: ofProject(),
  [`PUT ${base}/break-glass/:userId`]: ofProject(({ person }) => ({ params: { userId: person.userId } })),
  [`DELETE ${base}/break-glass/:userId`]: ofProject(({ person }) => ({ params: { userId: person.userId } })),
  [`GET ${domains}`]: ofProject(),
  [`POST ${domains}`]: ofProject(() => ({ body: { domain: 'another-company.example' } })),
  // Proven already, so nobody is asked.
  [`POST ${domains}/:domainId/verify`]: ofProject(({ person }) => ({ params: { domainId: person.sso.domainId } })),
  [`DELETE ${domains}/:domainId`]: ofProject(({ person }) => ({ params: { domainId: person.sso.waitingDomainId } })),
}
