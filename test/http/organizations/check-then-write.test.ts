import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type Answer, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

/**
 * Whatever is asked before it is written («is the slug free», «is there room for one more») is asked by ten at once here: one gets it,
 * and the others are told what the check would have said. No other answer, and no 500, however they meet.
 */
let plane: TestControlPlane
let owner: Connection
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const TEN = Array.from({ length: 10 }, (_, i) => i)
const short = () => randomUUID().slice(0, 8)
const ids = async (project: string, path: string, body: (i: number) => unknown): Promise<string[]> =>
  Promise.all(TEN.map(async (i) => (await plane.call('POST', `projects/${project}/${path}`, body(i))).body.data.id as string))

/** Makes what ten callers need, and answers what each of them then does at once. */
type Race = () => Promise<(i: number) => Promise<Answer>>
const inProject =
  (work: (project: string) => Promise<(i: number) => Promise<Answer>>): Race =>
  async () =>
    work(await makeProject(plane, { enable: {} }))

const TAKEN: Record<string, { race: Race; field: string }> = {
  'the slug of an organization that is made': {
    field: 'slug',
    race: inProject(async (project) => () => plane.call('POST', `projects/${project}/organizations`, { name: 'Acme', slug: 'acme' })),
  },
  'the slug of an organization that is changed': {
    field: 'slug',
    race: inProject(async (project) => {
      const made = await ids(project, 'organizations', (i) => ({ name: `Firma ${i}` }))
      return (i) => plane.call('PATCH', `projects/${project}/organizations/${made[i]}`, { slug: 'acme' })
    }),
  },
  'the slug of a project that is made': {
    field: 'slug',
    race: async () => {
      const slug = `p-${short()}`
      return () => plane.call('POST', 'projects', { name: 'Bakery', slug })
    },
  },
  'the slug of a project that is changed': {
    field: 'slug',
    race: async () => {
      const slug = `p-${short()}`
      const made = await Promise.all(TEN.map(() => makeProject(plane)))
      return (i) => plane.call('PATCH', `projects/${made[i]}`, { slug })
    },
  },
  'the outside id of a project': {
    field: 'external_project_id',
    race: async () => {
      const external = short()
      return () => plane.call('POST', 'projects', { name: 'Bakery', external_project_id: external })
    },
  },
  'the slug of a tenant': {
    field: 'slug',
    race: async () => {
      const slug = `t-${short()}`
      return () => plane.call('POST', 'tenants', { name: 'Tenant', slug })
    },
  },
  'the name of a role of the team': {
    field: 'name',
    race: async () => {
      const name = `r-${short()}`
      return () => plane.call('POST', 'roles', { name, description: 'x', permissions: ['projects.read'] })
    },
  },
  'a mail domain': {
    field: 'domain',
    race: inProject(async (project) => () => plane.call('POST', `projects/${project}/email-domains`, { domain: 'acme.example' })),
  },
  'a host name': {
    field: 'hostname',
    race: inProject(async (project) => () => plane.call('POST', `projects/${project}/domains`, { hostname: 'auth.acme.example' })),
  },
}

describe('of ten who want the same at once, one gets it and nine are told that it is taken', () => {
  test.each(Object.entries(TAKEN))('%s', async (_what, { race, field }) => {
    const act = await race()
    const answers = await Promise.all(TEN.map(act))
    const told = answers.map(({ status, body }) => {
      return status < 300 ? 'got it' : `${status} ${body.error.code} ${body.error.details?.[0]?.field}`
    })
    expect(told.toSorted()).toEqual([...Array<string>(9).fill(`409 conflict ${field}`), 'got it'])
  })

  test('the address of a user, made or changed', async () => {
    const project = await makeProject(plane, { enable: {} })
    const people = await ids(project, 'users', (i) => ({ email: `before-${i}@acme.example` }))
    const answers = await Promise.all([
      ...TEN.map(() => plane.call('POST', `projects/${project}/users`, { email: 'one@acme.example' })),
      ...people.map((id) => plane.call('PATCH', `projects/${project}/users/${id}`, { email: 'one@acme.example' })),
    ])
    const told = answers.map(({ status, body }) => (status < 300 ? 'got it' : `${status} ${body.error.code}`))
    expect([...new Set(told)].toSorted()).toEqual(['422 email_taken', 'got it'])
    expect(told.filter((each) => each === 'got it')).toHaveLength(1)
  })
})

interface Limit {
  /** Leaves room for one. */
  fill: (project: string) => Promise<unknown>
  act: (project: string, i: number) => Promise<Answer>
  field: string
}

const LIMITS: Record<string, Limit> = {
  'domains (20)': {
    field: 'hostname',
    fill: (project) =>
      owner.query(
        `insert into auth.domain (project_id, id, hostname, verification_token, created_at)
          select $1, gen_random_uuid(), 'a' || n || '.acme.example', 'x', now() from generate_series(1, 19) n`,
        [uuidOf(project)],
      ),
    act: (project, i) => plane.call('POST', `projects/${project}/domains`, { hostname: `b${i}.acme.example` }),
  },
  'mail domains of one owner (50)': {
    field: 'domain',
    fill: (project) =>
      owner.query(
        `insert into auth.email_domain (project_id, id, domain, verification_token, created_at)
          select $1, gen_random_uuid(), 'a' || n || '.acme.example', 'x', now() from generate_series(1, 49) n`,
        [uuidOf(project)],
      ),
    act: (project, i) => plane.call('POST', `projects/${project}/email-domains`, { domain: `b${i}.acme.example` }),
  },
  'webhook endpoints (20)': {
    field: 'url',
    fill: async (project) => {
      for (let i = 0; i < 19; i += 1) await plane.call('POST', `projects/${project}/webhooks`, { url: `http://127.0.0.1:9/${i}` })
    },
    act: (project, i) => plane.call('POST', `projects/${project}/webhooks`, { url: `http://127.0.0.1:9/more-${i}` }),
  },
  'roles of organizations (100)': {
    field: 'key',
    fill: (project) =>
      owner.query(
        `insert into auth.organization_role (project_id, id, key, name, permissions, created_at, updated_at)
          select $1, gen_random_uuid(), 'r' || n, 'x', '{}', now(), now() from generate_series(1, 99) n`,
        [uuidOf(project)],
      ),
    act: (project, i) => plane.call('PUT', `projects/${project}/organization-roles/more-${i}`, { name: 'More', permissions: [] }),
  },
}
const uuidOf = (id: string): string => id.slice('proj_'.length)

describe('of ten who want the last place at once, one gets it and nine are told that there are too many', () => {
  test.each(Object.entries(LIMITS))('%s', async (_what, { fill, act, field }) => {
    const project = await makeProject(plane, { enable: {} })
    await fill(project)
    const answers = await Promise.all(TEN.map((i) => act(project, i)))
    const told = answers.map(({ status, body }) => {
      const { field: about, code } = body.error?.details?.[0] ?? {}
      return status < 300 ? 'got it' : `${status} ${about} ${code}`
    })
    expect(told.toSorted()).toEqual([...Array<string>(9).fill(`422 ${field} too_many`), 'got it'])
  })

  test('a role that is there can be changed when the list is full', async () => {
    const project = await makeProject(plane, { enable: {} })
    await LIMITS['roles of organizations (100)']!.fill(project)
    const change = () => plane.call('PUT', `projects/${project}/organization-roles/last`, { name: 'Last', permissions: [] })
    expect([(await change()).status, (await change()).status]).toEqual([200, 200])
  })
})
