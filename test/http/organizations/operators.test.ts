import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let owner: Connection
let project: string
beforeAll(async () => {
  plane = await startControlPlane()
  owner = await connect(plane.database.url)
  project = await makeProject(plane, { enable: {} })
})
afterAll(async () => {
  await owner?.close()
  await plane?.stop()
})

const at = (path: string) => `projects/${project}/${path}`
const call = (method: string, path: string, body?: unknown) => plane.call(method, at(path), body)
const user = async () => {
  const email = `${randomUUID()}@example.com`
  return { email, id: (await call('POST', 'users', { email })).body.data.id as string }
}
const code = (answer: { body: { error?: { code?: string } } }) => answer.body.error?.code
const roles = async (id: string) =>
  Object.fromEntries((await call('GET', `organizations/${id}/members`)).body.data.map((each: { user_id: string; role: string }) => [each.user_id, each.role]))

describe('operators', () => {
  test('make, find, change and delete organizations, page by page', async () => {
    const made = []
    for (const name of ['Alpha', 'Alphabet', 'Beta']) made.push((await call('POST', 'organizations', { name })).body.data)
    const found = await call('GET', 'organizations?q=ALPHA')
    expect(found.body.data.map(({ name }: { name: string }) => name)).toEqual(['Alphabet', 'Alpha'])
    const first = await call('GET', 'organizations?limit=2')
    const second = await call('GET', `organizations?limit=2&cursor=${first.body.page.next_cursor}`)
    expect([...first.body.data, ...second.body.data].map(({ name }: { name: string }) => name)).toEqual(['Beta', 'Alphabet', 'Alpha'])
    const changed = await call('PATCH', `organizations/${made[0].id}`, { name: ' Gamma ', logo_url: 'https://example.com/logo.png' })
    expect(changed.body.data).toMatchObject({ name: 'Gamma', slug: 'alpha', logo_url: 'https://example.com/logo.png' })
    expect(code(await call('PATCH', `organizations/${made[0].id}`, { slug: 'beta' }))).toBe('conflict')
    expect((await call('DELETE', `organizations/${made[0].id}`)).body.data).toEqual({ id: made[0].id, deleted: true })
    expect((await call('GET', `organizations/${made[0].id}`)).status).toBe(404)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['a slug with capitals', { name: 'x', slug: 'Acme' }, 'slug'],
    ['a slug of hyphens', { name: 'x', slug: '--' }, 'slug'],
    ['a logo that is no https address', { name: 'x', logo_url: 'javascript:alert(1)' }, 'logo_url'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['metadata beyond 16 KiB', { name: 'x', metadata: { big: 'x'.repeat(17_000) } }, 'metadata'],
    ['an admin that is nobody', { name: 'x', admin_id: randomUUID() }, 'admin_id'],
    ['an admin that is no id', { name: 'x', admin_id: 'root' }, 'admin_id'],
  ])('are refused %s, and told which field', async (_what, body, field) => {
    const answer = await call('POST', 'organizations', body)
    expect([answer.status, answer.body.error.details[0].field]).toEqual([422, field])
  })

  test('put people in, change and take them out, but never the last admin', async () => {
    const [admin, member] = [await user(), await user()]
    const { id } = (await call('POST', 'organizations', { name: 'Members', admin_id: admin.id })).body.data
    expect((await call('POST', `organizations/${id}/members`, { user_id: member.id })).body.data).toMatchObject({ user_id: member.id, role: 'member' })
    expect(code(await call('POST', `organizations/${id}/members`, { user_id: member.id, role: 'admin' }))).toBe('conflict')
    expect(await roles(id)).toEqual({ [admin.id]: 'admin', [member.id]: 'member' })
    expect(code(await call('DELETE', `organizations/${id}/members/${admin.id}`))).toBe('last_admin')
    expect((await call('POST', `organizations/${id}/transfer`, { user_id: member.id })).body.data.role).toBe('admin')
    expect(await roles(id)).toEqual({ [admin.id]: 'member', [member.id]: 'admin' })
    expect((await call('DELETE', `organizations/${id}/members/${admin.id}`)).status).toBe(200)
    expect(await roles(id)).toEqual({ [member.id]: 'admin' })
    const actions = await owner.query<{ action: string }>(`select action from auth.audit_event where resource_id = $1 order by created_at, action`, [id])
    expect(actions.map(({ action }) => action)).toEqual([
      'organization.created',
      'organization.member_added',
      'organization.member_added',
      'organization.transferred',
      'organization.member_removed',
    ])
  })

  test('invite, list and revoke', async () => {
    const { id } = (await call('POST', 'organizations', { name: 'Inviting' })).body.data
    const invited = await call('POST', `organizations/${id}/invitations`, { email: 'New.Person@Example.com', role: 'admin' })
    expect(invited.body.data).toMatchObject({ email: 'new.person@example.com', role: 'admin', organization_name: 'Inviting' })
    const [mail] = await owner.query<{ payload: Record<string, unknown> }>(`select payload from auth.outbox where kind = 'organization_invitation'`)
    expect(mail?.payload).toMatchObject({ invitation_id: invited.body.data.id, new_account: true })
    expect((await call('GET', `organizations/${id}/invitations`)).body.data).toHaveLength(1)
    const odd = await call('POST', `organizations/${id}/invitations`, { email: 'adª@corp.example' })
    expect([odd.status, odd.body.error.details[0].code]).toEqual([422, 'ambiguous_email'])
    expect((await call('DELETE', `organizations/${id}/invitations/${invited.body.data.id}`)).body.data.revoked).toBe(true)
    expect((await call('GET', `organizations/${id}/invitations`)).body.data).toEqual([])
    expect(code(await call('DELETE', `organizations/${id}/invitations/${invited.body.data.id}`))).toBe('not_found')
  })
})

describe('roles', () => {
  test('are the two default ones until others are set; the organization has its own before the project', async () => {
    const { id } = (await call('POST', 'organizations', { name: 'Roles' })).body.data
    const keys = async (query = '') => (await call('GET', `organization-roles${query}`)).body.data.map((role: { key: string; name: string }) => [role.key, role.name])
    expect(await keys()).toEqual([['admin', 'Admin'], ['member', 'Member']])
    await call('PUT', 'organization-roles/editor', { name: 'Editor', permissions: ['posts.write'] })
    await call('PUT', `organization-roles/editor?organization_id=${id}`, { name: 'Chief editor', permissions: ['posts.write', 'posts.publish'] })
    expect(await keys()).toContainEqual(['editor', 'Editor'])
    expect(await keys(`?organization_id=${id}`)).toContainEqual(['editor', 'Chief editor'])
    const writer = await user()
    await call('POST', `organizations/${id}/members`, { user_id: writer.id, role: 'editor' })
    expect((await call('DELETE', `organization-roles/editor?organization_id=${id}`)).status).toBe(200)
    expect(code(await call('DELETE', 'organization-roles/editor'))).toBe('role_in_use')
    await call('PATCH', `organizations/${id}/members/${writer.id}`, { role: 'member' })
    expect((await call('DELETE', 'organization-roles/editor')).status).toBe(200)
  })

  test.each<[string, string, Record<string, unknown>, string]>([
    ['a key with capitals', 'Editor', { permissions: [] }, 'key'],
    ['more than fifty permissions', 'wide', { permissions: Array.from({ length: 51 }, (_, index) => `p${index}`) }, 'permissions'],
    ['more than 700 bytes of them', 'long', { permissions: Array.from({ length: 20 }, (_, index) => `p${index}${'x'.repeat(50)}`) }, 'permissions'],
    ['a permission that is no name', 'odd', { permissions: ['<script>'] }, 'permissions'],
    ['an admin who could not manage', 'admin', { permissions: ['org.read'] }, 'permissions'],
  ])('are refused %s', async (_what, key, body, field) => {
    const answer = await call('PUT', `organization-roles/${key}`, { name: 'x', ...body })
    expect([answer.status, answer.body.error.details[0].field]).toEqual([422, field])
  })
})
