import { randomUUID } from 'node:crypto'
import { digestToken } from '@portico/crypto/token-digest'
import type { Connection } from '../../support/sql.js'
import { startControlPlane, makeProject, type TestControlPlane } from '../../support/control-plane.js'
import { startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { connect } from '../../support/sql.js'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'

export interface ScimAnswer {
  status: number
  // Tests look into answers of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any
  headers: Headers
}

export type Scim = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<ScimAnswer>

/** What an identity provider has of us: an address and a token. */
export function scimClient(base: string, token: string | null): Scim {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${base}/scim/v2${path}`, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        accept: 'application/scim+json',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? null : JSON.parse(text), headers: answer.headers }
  }
}

export interface Stage {
  control: TestControlPlane
  data: RunningDataPlane
  owner: Connection
  stop(): Promise<void>
}

/** Both planes on one database. */
export async function stageScim(): Promise<Stage> {
  const control = await startControlPlane()
  const data = await startDataPlane(control.database)
  const owner = await connect(control.database.url)
  return {
    control,
    data,
    owner,
    stop: async () => {
      await owner.close()
      await data.close()
      await control.stop()
    },
  }
}

export interface OwnDirectory {
  projectId: string
  organizationId: string
  id: string
  token: string
  /** The `AUTH_URL`, on the real port. */
  base: string
  scim: Scim
  call: (method: string, path: string, body?: unknown) => ReturnType<TestControlPlane['call']>
}

/** A project with an organization and a directory that has one token. */
export async function makeDirectory(
  { control, data }: Stage,
  options: { settings?: Record<string, unknown>; directory?: Record<string, unknown>; projectId?: string } = {},
): Promise<OwnDirectory> {
  const { settings = {}, directory = {}, projectId } = options
  const project = projectId ?? (await makeProject(control, {
    enable: { organizations: 'managed', providers: ['email', 'magic_link', 'email_otp', 'passkey'], ...settings },
  }))
  const call = (method: string, path: string, body?: unknown) => control.call(method, `projects/${project}/${path}`, body)
  const organization = await call('POST', 'organizations', { name: `Company ${randomUUID().slice(0, 8)}` })
  const made = await call('POST', 'directories', { name: 'Entra', organization_id: organization.body.data.id, ...directory })
  if (made.status !== 201) throw new Error(`no directory: ${made.text}`)
  const { id } = made.body.data
  const { token } = (await call('POST', `directories/${id}/tokens`, {})).body.data
  const base = `${data.url}/${project}`
  return { projectId: project, organizationId: organization.body.data.id, id, token, base, scim: scimClient(base, token), call }
}

/** Somebody who administers the organization and is nobody of the directory: the last admin would stay admin whatever groups say. */
export async function anotherAdmin(own: OwnDirectory): Promise<string> {
  const { id } = (await own.call('POST', 'users', { email: `${randomUUID()}@admins.example` })).body.data
  const added = await own.call('POST', `organizations/${own.organizationId}/members`, { user_id: id, role: 'admin' })
  if (added.status !== 201) throw new Error(`no admin: ${added.text}`)
  return id as string
}

export const newUser = (userName: string, more: Record<string, unknown> = {}) => ({
  schemas: [USER],
  userName,
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
  ...more,
})

export const patch = (...operations: unknown[]) => ({ schemas: [PATCH], Operations: operations })

export { digestToken }
