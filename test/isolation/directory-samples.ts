import { randomUUID } from 'node:crypto'
import type { Owned, RouteSample, Sample } from './route-samples.js'

type Request = (of: Owned) => Sample

const bearer = ({ person }: Owned): string => person.directory.token
const scim = (request: Request, more: Partial<RouteSample> = {}): RouteSample => ({ request, foreign: 'refused', bearer, ...more })
const ofUser = ({ person }: Owned) => ({ id: person.directory.userId })
const ofGroup = ({ person }: Owned) => ({ id: person.directory.groupId })
const patch = (value: Record<string, unknown>) => ({ Operations: [{ op: 'replace', value }] })
const members = ({ person }: Owned) => [{ value: person.directory.userId }]
// What is asked for is my own, whatever the other side has.
const search = scim(() => ({ body: { filter: 'id pr', count: 5 } }))

/** The routes of a directory: what an identity provider calls. */
export const DIRECTORY_SAMPLES: Readonly<Record<string, RouteSample>> = {
  'GET /auth/scim/v2/ServiceProviderConfig': scim(() => ({})),
  'GET /auth/scim/v2/ResourceTypes': scim(() => ({})),
  'GET /auth/scim/v2/ResourceTypes/:id': scim(() => ({ params: { id: 'User' } })),
  'GET /auth/scim/v2/Schemas': scim(() => ({})),
  'GET /auth/scim/v2/Schemas/:id': scim(() => ({ params: { id: 'urn:ietf:params:scim:schemas:core:2.0:User' } })),
  'POST /auth/scim/v2/.search': search,
  'GET /auth/scim/v2/Users': scim(() => ({})),
  'POST /auth/scim/v2/Users': scim(() => ({ body: { userName: `${randomUUID()}@example.com` } }), { foreign: 'indifferent' }),
  'POST /auth/scim/v2/Users/.search': search,
  'GET /auth/scim/v2/Users/:id': scim((of) => ({ params: ofUser(of) })),
  'PUT /auth/scim/v2/Users/:id': scim((of) => ({ params: ofUser(of), body: { userName: 'renamed' } })),
  'PATCH /auth/scim/v2/Users/:id': scim((of) => ({ params: ofUser(of), body: patch({ title: 'Engineer' }) })),
  'DELETE /auth/scim/v2/Users/:id': scim((of) => ({ params: ofUser(of) })),
  'GET /auth/scim/v2/Groups': scim(() => ({})),
  'POST /auth/scim/v2/Groups': scim((of) => ({ body: { displayName: randomUUID(), members: members(of) } }), { foreign: 'indifferent' }),
  'POST /auth/scim/v2/Groups/.search': search,
  'GET /auth/scim/v2/Groups/:id': scim((of) => ({ params: ofGroup(of) })),
  'PUT /auth/scim/v2/Groups/:id': scim((of) => ({ params: ofGroup(of), body: { displayName: 'renamed' } })),
  'PATCH /auth/scim/v2/Groups/:id': scim((of) => ({ params: ofGroup(of), body: patch({ displayName: 'renamed' }) })),
  'DELETE /auth/scim/v2/Groups/:id': scim((of) => ({ params: ofGroup(of) })),
}

const base = '/api/v1/projects/:projectId/directories'
const ofProject = (more: Request = () => ({})): RouteSample => ({
  foreign: 'refused',
  request: (of) => {
    const { params, ...said } = more(of)
    return { params: { projectId: of.tenant.projectId, ...params }, ...said }
  },
})
const ofDirectory = (more: Request = () => ({})): RouteSample =>
  ofProject((of) => {
    const { params, ...said } = more(of)
    return { params: { directoryId: of.person.directory.id, ...params }, ...said }
  })

/** The same on the control plane. */
export const DIRECTORY_CONTROL_SAMPLES: Readonly<Record<string, RouteSample>> = {
  [`GET ${base}`]: ofProject(),
  [`POST ${base}`]: ofProject(({ person }) => ({ body: { name: 'Another directory', organization_id: person.organization.id } })),
  [`GET ${base}/:directoryId`]: ofDirectory(),
  [`PATCH ${base}/:directoryId`]: ofDirectory(() => ({ body: { name: 'Renamed' } })),
  [`DELETE ${base}/:directoryId`]: ofDirectory(),
  [`GET ${base}/:directoryId/tokens`]: ofDirectory(),
  [`POST ${base}/:directoryId/tokens`]: ofDirectory(() => ({ body: {} })),
  [`DELETE ${base}/:directoryId/tokens/:tokenId`]: ofDirectory(({ person }) => ({ params: { tokenId: person.directory.spareTokenId } })),
  [`GET ${base}/:directoryId/log`]: ofDirectory(),
}
