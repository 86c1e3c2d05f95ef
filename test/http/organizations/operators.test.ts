import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { idpMetadata } from '../../support/saml-idp.js'
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
  test('list organizations in the order of names or of their making, paged without gaps, each name twice', async () => {
    const other = await makeProject(plane, { enable: {} })
    const list = (query: string) => plane.call('GET', `projects/${other}/organizations?${query}`)
    for (const name of ['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar']) await plane.call('POST', `projects/${other}/organizations`, { name })
    const all = async (sort: string) => {
      const found: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body } = await list(new URLSearchParams({ limit: '2', sort, ...(cursor && { cursor }) }).toString())
        found.push(...body.data.map((row: { id: string; name: string }) => `${row.name} ${row.id}`))
        cursor = body.page.next_cursor
      }
      expect(new Set(found).size).toBe(5)
      return found.map((row) => row.split(' ')[0])
    }
    expect(await all('name')).toEqual(['Ash', 'Ash', 'Birch', 'Cedar', 'Cedar'])
    expect(await all('-name')).toEqual(['Cedar', 'Cedar', 'Birch', 'Ash', 'Ash'])
    expect(await all('created_at')).toEqual(['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar'])
    expect(await all('-created_at')).toEqual(['Cedar', 'Ash', 'Birch', 'Ash', 'Cedar'].toReversed())
    expect((await list('sort=slug')).status).toBe(422)
    // The place of a cursor is that of its organization.
    const { body } = await list('limit=2&sort=name')
    await plane.call('DELETE', `projects/${other}/organizations/${body.data[1].id}`)
    expect((await list(`limit=2&sort=name&cursor=${body.page.next_cursor}`)).body.error.details).toMatchObject([{ field: 'cursor', code: 'invalid_cursor' }])
  })

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
    ['a slug that stands for something else', { name: 'x', slug: 'invitations' }, 'slug'],
    ['a slug like an id', { name: 'x', slug: '0b0f2d5e-6a0c-4d1c-9e8f-0a1b2c3d4e5f' }, 'slug'],
    ['a slug of 49 characters', { name: 'x', slug: 'a'.repeat(49) }, 'slug'],
    ['a slug of other letters', { name: 'x', slug: 'sohne-ä' }, 'slug'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'name'],
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

  test.each<[string, RegExp]>([
    ['Société Générale', /^societe-generale$/],
    ['北京公司', /^org(-[0-9a-f]{6})?$/],
    ['New', /^new-[0-9a-f]{6}$/],
    ['x'.repeat(200), /^x{40}(-[0-9a-f]{6})?$/],
  ])('a slug is made of the name %s', async (name, slug) => {
    const made = await call('POST', 'organizations', { name })
    expect([made.status, made.body.data.name]).toEqual([201, name])
    expect(made.body.data.slug).toMatch(slug)
  })

  test('a slug is taken in its project and free in another one', async () => {
    const other = await makeProject(plane, { enable: {} })
    const slug = 's'.repeat(48)
    expect((await call('POST', 'organizations', { name: 'x', slug })).status).toBe(201)
    expect(code(await call('POST', 'organizations', { name: 'x', slug }))).toBe('conflict')
    expect((await plane.call('POST', `projects/${other}/organizations`, { name: 'x', slug })).status).toBe(201)
  })

  test('find organizations by a part of the name, the slug and a proven domain, and see its domains', async () => {
    const made = (await call('POST', 'organizations', { name: 'Kölner Dombau AG', slug: 'dombau' })).body.data
    expect(made.domains).toEqual([])
    for (const [domain, proven] of [['dombau.example', true], ['pending.example', false]] as const) {
      await owner.query(
        `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, verified_at, created_at)
          values ($1, gen_random_uuid(), $2, $3, 'x', $4, now())`,
        [project.replace('proj_', ''), made.id, domain, proven ? new Date() : null],
      )
    }
    const found = async (search: string) =>
      (await call('GET', `organizations?search=${encodeURIComponent(search)}`)).body.data.map(({ id }: { id: string }) => id)
    for (const search of ['dombau', 'KöLNER', 'bau a', 'Dombau.example']) expect([search, await found(search)]).toEqual([search, [made.id]])
    for (const search of ['pending.example', 'ombau.exampl', '%', 'dom_au']) expect([search, await found(search)]).toEqual([search, []])
    expect((await call('GET', `organizations/${made.id}`)).body.data.domains).toEqual(['dombau.example'])
  })

  test('delete an organization with everything that hangs on it; its people stay', async () => {
    const [boss, mate] = [await user(), await user()]
    const { id } = (await call('POST', 'organizations', { name: 'Everything', admin_id: boss.id })).body.data
    const uuid = project.replace('proj_', '')
    await call('POST', `organizations/${id}/members`, { user_id: mate.id })
    await call('POST', `organizations/${id}/invitations`, { email: 'waiting@example.com' })
    await call('PUT', `organization-roles/chief?organization_id=${id}`, { name: 'Chief', permissions: ['a.b'] })
    const directory = (await call('POST', 'directories', { name: 'Entra', organization_id: id, group_roles: [{ group: 'Bosses', role: 'chief' }] })).body.data
    expect((await call('POST', `directories/${directory.id}/tokens`, {})).status).toBe(201)
    await owner.query(
      `insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, attributes, active, created_at, updated_at)
        values ($1, $2, $3, 'mate', 'mate', '{"core": {}, "extensions": {}}', true, now(), now())`,
      [uuid, mate.id, directory.id],
    )
    expect((await call('POST', `organizations/${id}/setup-links`, {})).status).toBe(201)
    expect((await call('POST', 'email-domains', { domain: 'everything.example', organization_id: id })).status).toBe(201)
    const okta = { name: 'Okta', protocol: 'saml', organization_id: id, saml: { metadata_xml: idpMetadata() } }
    const connection = await call('POST', 'sso/connections', okta)
    expect([connection.status, connection.text.slice(0, 200)]).toEqual([201, expect.any(String)])
    expect((await call('DELETE', `organizations/${id}`)).body.data).toEqual({ id, deleted: true })
    const tables = await owner.query<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = 'auth' and column_name = 'organization_id'
        and table_name not in ('session', 'mfa_pending')`)
    expect(tables.length).toBeGreaterThan(6)
    for (const { name } of tables) {
      expect([name, await owner.query(`select 1 from auth.${name} where organization_id = $1`, [id])]).toEqual([name, []])
    }
    for (const person of [boss, mate]) expect((await call('GET', `users/${person.id}`)).body.data).toMatchObject({ id: person.id, disabled: false })
    const [row] = await owner.query<{ metadata: unknown }>(`select metadata from auth.audit_event where resource_id = $1 and action = 'organization.deleted'`, [id])
    expect(row?.metadata).toEqual({ slug: 'everything', members: 2 })
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
    const [mail] = await owner.query<{ payload: Record<string, unknown> }>(`select payload from auth.outbox where kind = 'organization_invitation' and payload ->> 'invitation_id' = $1`, [invited.body.data.id])
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

  test('one that a directory gives is not removed', async () => {
    const { id } = (await call('POST', 'organizations', { name: 'Given' })).body.data
    await call('PUT', 'organization-roles/given', { name: 'Given', permissions: [] })
    const directory = await call('POST', 'directories', { name: 'Entra', organization_id: id, group_roles: [{ group: 'G', role: 'given' }] })
    expect(code(await call('DELETE', 'organization-roles/given'))).toBe('role_in_use')
    await call('DELETE', `directories/${directory.body.data.id}`)
    expect((await call('DELETE', 'organization-roles/given')).status).toBe(200)
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
