import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import {
  anotherAdmin, ERROR, makeDirectory, newUser, patch, scimClient, stageScim, GROUP, type OwnDirectory, type Stage,
} from './scim-client.js'

let stage: Stage
let own: OwnDirectory
let other: RunningDataPlane
beforeAll(async () => {
  stage = await stageScim()
  other = await startDataPlane(stage.control.database)
  own = await makeDirectory(stage, { directory: { group_roles: [{ group: 'Admins', role: 'admin' }] } })
  await anotherAdmin(own)
})
afterAll(async () => {
  await other?.close()
  await stage?.stop()
})

const members = async () =>
  Object.fromEntries(
    (await own.call('GET', `organizations/${own.organizationId}/members`)).body.data.map((each: { user_id: string; role: string }) => [each.user_id, each.role]),
  )

test('a directory, a token, a person, a group that gives a role, and an end of it all', async () => {
  const email = `${randomUUID()}@corp.example`
  const made = await own.scim('POST', '/Users', newUser(email, { externalId: 'ext-1' }))
  const shape = { userName: email, active: true, externalId: 'ext-1', meta: { resourceType: 'User' } }
  expect([made.status, made.body]).toMatchObject([201, shape])
  expect(made.headers.get('content-type')).toMatch(/^application\/scim\+json/)
  expect(made.headers.get('location')).toBe(made.body.meta.location)
  expect(made.body.meta.location).toMatch(new RegExp(`/${own.projectId}/scim/v2/Users/${made.body.id}$`))
  const { id } = made.body
  expect(await members()).toMatchObject({ [id]: 'member' })

  const group = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'admins', members: [{ value: id }] })
  expect([group.status, group.body.members]).toMatchObject([201, [{ value: id, type: 'User' }]])
  expect(await members()).toMatchObject({ [id]: 'admin' })
  expect((await own.scim('GET', `/Users/${id}`)).body.groups).toMatchObject([{ value: group.body.id, display: 'admins' }])

  const left = await own.scim('PATCH', `/Groups/${group.body.id}`, patch({ op: 'Remove', path: `members[value eq "${id}"]` }))
  expect([left.status, left.body.members]).toEqual([200, []])
  expect(await members()).toMatchObject({ [id]: 'member' })

  const off = await own.scim('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: 'False' }))
  expect([off.status, off.body.active]).toEqual([200, false])
  const gone = await own.scim('DELETE', `/Users/${id}`)
  expect([gone.status, gone.body]).toEqual([204, null])
  expect((await own.scim('GET', `/Users/${id}`)).status).toBe(404)
  expect(Object.keys(await members())).not.toContain(id)
  const log = await own.call('GET', `directories/${own.id}/log`)
  expect(log.body.data.map(({ method, resource, status }: Record<string, unknown>) => [method, resource, status])).toEqual([
    ['DELETE', 'User', 204], ['PATCH', 'User', 200], ['PATCH', 'Group', 200], ['POST', 'Group', 201], ['POST', 'User', 201],
  ])
})

test('who has no token of a directory of this project is refused in SCIM’s own form', async () => {
  for (const token of [null, 'nonsense', `scim_${'a'.repeat(43)}`, own.token.toUpperCase()]) {
    const answer = await scimClient(own.base, token)('GET', '/Users')
    expect([answer.status, answer.body.schemas, answer.body.status]).toEqual([401, [ERROR], '401'])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
  }
})

test('a schema that is none names the field as it is written', async () => {
  const custom_schema = { id: 'acme', name: 'Acme', attributes: [] }
  const answer = await own.call('PATCH', `directories/${own.id}`, { custom_schema })
  expect([answer.status, answer.body.error.details[0].field]).toEqual([422, 'custom_schema.id'])
})

test('tokens: two at once, shown once, stored as digests, removed within a second', async () => {
  const mine = await makeDirectory(stage, { projectId: own.projectId })
  const second = (await mine.call('POST', `directories/${mine.id}/tokens`, {})).body.data
  expect((await mine.call('POST', `directories/${mine.id}/tokens`, {})).status).toBe(409)
  expect((await scimClient(mine.base, second.token)('GET', '/Users')).status).toBe(200)
  const list = await mine.call('GET', `directories/${mine.id}/tokens`)
  expect(list.text).not.toContain(second.token)
  expect(list.body.data.find(({ id }: { id: string }) => id === second.id).last_used_at).not.toBeNull()
  const [stored] = await stage.owner.query<{ all: string }>('select string_agg(t::text, \' \') as all from auth.directory_token t')
  expect(stored?.all).not.toContain(second.token.slice(12))
  await mine.call('DELETE', `directories/${mine.id}/tokens/${second.id}`)
  await expect.poll(async () => (await scimClient(mine.base, second.token)('GET', '/Users')).status, { timeout: 1_500 }).toBe(401)
  expect((await mine.scim('GET', '/Users')).status).toBe(200)
})

test('ten who ask for the second token at once: one gets it', async () => {
  const mine = await makeDirectory(stage, { projectId: own.projectId })
  const answers = await Promise.all(Array.from({ length: 10 }, () => mine.call('POST', `directories/${mine.id}/tokens`, {})))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
  expect((await mine.call('GET', `directories/${mine.id}/tokens`)).body.data).toHaveLength(2)
})

test('a group that gives another role counts at once for /verify, in another process too', async () => {
  const email = `${randomUUID()}@corp.example`
  const { id } = (await own.scim('POST', '/Users', newUser(email))).body
  await stage.owner.query(`update auth.end_user u set password_hash = (select password_hash from auth.end_user where project_id = u.project_id
    and email = $2) where id = $1`, [id, await withPassword()])
  const organization = own.organizationId
  const { access_token: token } = (await call(`${own.base}/login`, { body: { email, password: 'a long enough pass 7', organization } })).body
  const role = async (plane: RunningDataPlane) => (await call(`${plane.url}/${own.projectId}/verify`, { body: { token } })).body.org_role
  expect([await role(stage.data), await role(other)]).toEqual(['member', 'member'])
  const found = (await own.scim('GET', '/Groups?filter=displayName%20eq%20%22admins%22')).body.Resources
  const group = found[0] ?? (await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Admins' })).body
  await own.scim('PATCH', `/Groups/${group.id}`, patch({ op: 'add', path: 'members', value: [{ value: id }] }))
  expect(await role(stage.data)).toBe('admin')
  await expect.poll(() => role(other), { timeout: 5_000 }).toBe('admin')
})

test('active: false ends every session within a second, and nothing that the person can do undoes it', async () => {
  const email = `${randomUUID()}@corp.example`
  const { id } = (await own.scim('POST', '/Users', newUser(email))).body
  // As if they had signed in before the directory came.
  await stage.owner.query(`update auth.end_user u set password_hash = (select password_hash from auth.end_user where project_id = u.project_id
    and email = $2) where id = $1`, [id, await withPassword()])
  const session = await call(`${own.base}/login`, { body: { email, password: 'a long enough pass 7' } })
  expect(session.status).toBe(200)
  const elsewhere = `${other.url}/${own.projectId}/verify`
  expect((await call(elsewhere, { body: { token: session.body.access_token } })).status).toBe(200)
  await own.scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))
  expect((await call(`${own.base}/verify`, { body: { token: session.body.access_token } })).status).toBe(401)
  // The other one hears of it with its next look at the feed.
  const there = async () => (await call(elsewhere, { body: { token: session.body.access_token } })).status
  await expect.poll(there, { timeout: 5_000 }).toBe(401)
  expect((await call(`${own.base}/refresh`, { body: { refresh_token: session.body.refresh_token } })).status).toBe(401)
  expect((await call(`${own.base}/login`, { body: { email, password: 'a long enough pass 7' } })).status).toBe(401)
})

async function withPassword(): Promise<string> {
  const email = `${randomUUID()}@other.example`
  await call(`${own.base}/signup`, { body: { email, password: 'a long enough pass 7' } })
  return email
}
