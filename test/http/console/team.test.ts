import { randomUUID } from 'node:crypto'
import { ALL_PERMISSIONS, BUILT_IN_ROLES, permissionsOfRole } from '@portico/kernel/permissions'
import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startConsole, type ConsoleBrowser, type TestConsole } from '../../support/console.js'

let stand: TestConsole
const as = {} as Record<string, ConsoleBrowser>
const ids: Record<string, string> = {}
beforeAll(async () => {
  stand = await startConsole()
  await stand.makeOwner()
  for (const role of BUILT_IN_ROLES) {
    ids[role] = await stand.person(`${role}@team.example.com`)
    await stand.member(ids[role], role)
    as[role] = stand.browser()
    await stand.signIn(as[role], ids[role])
  }
})
afterAll(() => stand?.stop())

describe('every route × every role', () => {
  test('a role reaches the routes of its permissions and no other', async () => {
    const routes = listRoutes(stand.control.plane.app).filter(({ access }) => typeof access === 'object' && access !== null)
    expect(routes.length).toBeGreaterThan(60)
    let refused = 0
    for (const route of routes) {
      const { permission } = route.access as { permission: (typeof ALL_PERMISSIONS)[number] }
      // What names nothing is found missing after the question whether one may ask.
      const path = route.path.replace(/:projectId/, `proj_${randomUUID()}`).replace(/:\w+/g, randomUUID())
      for (const role of BUILT_IN_ROLES) {
        if (permissionsOfRole(role, true).includes(permission)) continue
        const answer = await as[role]!.call(route.method, path, route.method === 'GET' ? undefined : {})
        expect([role, route.method, route.path, answer.status, answer.body.error.code]).toEqual([
          role,
          route.method,
          route.path,
          403,
          'insufficient_scope',
        ])
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(50)
  })

  test('a viewer changes nothing, an editor manages neither keys nor team', async () => {
    const changing = listRoutes(stand.control.plane.app).filter(
      ({ method, access }) => method !== 'GET' && typeof access === 'object' && access !== null,
    )
    const permissionOf = (access: unknown) => (access as { permission: (typeof ALL_PERMISSIONS)[number] }).permission
    // Booting an instance and its heartbeat come with the environment, which a viewer does not see.
    const open = changing.filter(({ access }) => permissionsOfRole('viewer', true).includes(permissionOf(access)))
    expect(open).toEqual([])
    // Whoever lets a program in gives it what they may do themselves: for a viewer, a key that reads. The other says which team is shown.
    const signedIn = listRoutes(stand.control.plane.app).filter(({ method, access }) => method !== 'GET' && access === 'signed-in')
    expect(signedIn.map(({ path }) => path)).toEqual(['/api/v1/device/approve', '/api/v1/console/tenant'])
    const editors = permissionsOfRole('editor', true)
    for (const permission of ['keys.manage', 'team.manage', 'owners.manage', 'settings.users.manage', 'tenants.manage'] as const)
      expect(editors).not.toContain(permission)
  })

  test('a session of tenant A never shows tenant B', async () => {
    const made = await stand.control.call('POST', 'tenants', { name: 'Other' })
    const { key } = made.body.data.api_key
    const project = (await stand.control.call('POST', 'projects', { name: 'Theirs alone' }, { key })).body.data.id as string
    await stand.control.call('POST', `projects/${project}/auth`, {}, { key })
    const their = await stand.person('their@other.example.com')
    await stand.member(their, 'owner', { tenantId: made.body.data.id.slice(4) })
    for (const route of listRoutes(stand.control.plane.app)) {
      if (!route.path.includes(':projectId')) continue
      const path = route.path.replace(':projectId', project).replace(/:\w+/g, randomUUID())
      const answer = await stand.owner.call(route.method, path, route.method === 'GET' ? undefined : {})
      expect([route.method, route.path, answer.status]).toEqual([route.method, route.path, 404])
    }
    for (const list of ['projects?limit=100', 'members', 'audit-log?limit=100', 'api-keys?limit=100'])
      expect((await stand.owner.call('GET', list)).text).not.toMatch(new RegExp(`Theirs alone|${their}|${project}`))
    for (const [method, body] of [
      ['PATCH', { role: 'viewer' }],
      ['DELETE', undefined],
    ] as const)
      expect((await stand.owner.call(method, `members/${their}`, body)).status).toBe(404)
    expect((await stand.owner.call('POST', 'console/tenant', { tenant_id: made.body.data.id })).status).toBe(404)
    // An owner of another tenant runs the installation as little as its key does.
    const browser = stand.browser()
    await stand.signIn(browser, their)
    const { permissions, tenant } = (await browser.call('GET', 'me')).body.data
    expect(tenant.name).toBe('Other')
    expect(permissions).not.toContain('settings.users.manage')
    expect((await browser.call('GET', 'tenants')).status).toBe(403)
    expect((await browser.call('PUT', 'console/access', { mode: 'open' })).status).toBe(403)
  })

  test('somebody in two teams sees one at a time, and chooses which', async () => {
    const id = await stand.person('both@example.com')
    await stand.member(id, 'viewer')
    const [other] = await stand.sql.query<{ id: string }>(`select id from platform.tenant where name = 'Other'`)
    await stand.member(id, 'editor', { tenantId: other!.id })
    const browser = stand.browser()
    await stand.signIn(browser, id)
    expect((await browser.call('GET', 'me')).body.data).toMatchObject({ role: 'viewer', tenant: { name: 'Default' } })
    const moved = await browser.call('POST', 'console/tenant', { tenant_id: `tnt_${other!.id}` })
    expect(moved.body.data).toMatchObject({ role: 'editor', tenant: { name: 'Other' } })
    expect((await browser.call('GET', 'projects')).body.data.map((row: { name: string }) => row.name)).toEqual(['Theirs alone'])
  })
})

describe('the team', () => {
  test('an invitation is mailed, makes a member who waits, and may be repeated', async () => {
    const invited = await as['admin']!.call('POST', 'members', { email: 'New@Example.com', role: 'editor' })
    expect(invited.status).toBe(201)
    expect(invited.body.data).toMatchObject({
      email: 'new@example.com',
      role: 'editor',
      state: 'invited',
      mailed: true,
      source: 'team',
      break_glass: false,
    })
    const mails = await stand.sql.query(`select kind from auth.outbox where project_id = $1 and kind = 'invitation'`, [stand.projectId])
    expect(mails).toHaveLength(1)
    expect((await as['admin']!.call('POST', 'members', { email: 'new@example.com', role: 'editor' })).body.data.mailed).toBe(true)
    expect((await as['admin']!.call('POST', 'members', { email: 'editor@team.example.com', role: 'viewer' })).body.error.code).toBe(
      'conflict',
    )
    const [event] = (await as['admin']!.call('GET', 'audit-log?action=member.invited')).body.data
    expect(event).toMatchObject({
      actor_type: 'platform_user',
      actor_id: ids['admin'],
      resource: 'member',
      resource_id: invited.body.data.user_id,
    })
  })

  test.each([
    ['email', { email: 'no address', role: 'viewer' }],
    ['role', { email: 'x@example.com', role: 'king' }],
  ])('a bad %s is refused', async (field, body) => {
    const answer = await as['owner']!.call('POST', 'members', body)
    expect([answer.status, answer.body.error.details?.[0]?.field]).toEqual([422, field])
  })

  test('an admin makes, changes and removes no owner, nor themselves one', async () => {
    const admin = as['admin']!
    const tries = [
      () => admin.call('POST', 'members', { email: 'second@example.com', role: 'owner' }),
      () => admin.call('PATCH', `members/${ids['admin']}`, { role: 'owner' }),
      () => admin.call('PATCH', `members/${stand.ownerId}`, { role: 'viewer' }),
      () => admin.call('DELETE', `members/${stand.ownerId}`),
      () => admin.call('POST', 'roles', { name: 'sly', permissions: ['owners.manage'] }),
    ]
    for (const attempt of tries) expect((await attempt()).body.error.code).toBe('insufficient_scope')
  })

  test('a role of the tenant’s own is a list of permissions, and changes count at once', async () => {
    const role = await as['admin']!.call('POST', 'roles', {
      name: 'support',
      description: 'Helps people',
      permissions: ['users.read', 'projects.read'],
    })
    expect(role.body.data).toEqual({
      name: 'support',
      description: 'Helps people',
      permissions: ['projects.read', 'users.read'],
      built_in: false,
    })
    const id = await stand.person('support@example.com')
    await stand.member(id, 'support')
    const browser = stand.browser()
    await stand.signIn(browser, id)
    expect((await browser.call('GET', 'projects')).status).toBe(200)
    expect((await browser.call('GET', 'audit-log')).status).toBe(403)
    await as['admin']!.call('PATCH', 'roles/support', { permissions: ['audit.read'] })
    expect((await browser.call('GET', 'audit-log')).status).toBe(200)
    expect((await browser.call('GET', 'projects')).status).toBe(403)
    expect((await as['admin']!.call('DELETE', 'roles/support')).body.error.code).toBe('conflict')
    expect((await as['admin']!.call('PATCH', `members/${id}`, { role: 'viewer' })).status).toBe(200)
    expect((await as['admin']!.call('DELETE', 'roles/support')).status).toBe(200)
    const names = (await as['viewer']!.call('GET', 'roles')).body.data.map(({ name }: { name: string }) => name)
    expect(names).toEqual(['owner', 'admin', 'editor', 'viewer'])
  })

  test.each([['owner'], ['Support'], ['a b'], ['']])('no role is called %j', async (name) => {
    expect((await as['owner']!.call('POST', 'roles', { name, permissions: ['users.read'] })).status).toBe(422)
  })

  test('of two owners who remove each other at once one stays, and the last one cannot go', async () => {
    for (let round = 0; round < 3; round++) {
      const second = await stand.person(`second${round}@example.com`)
      await stand.member(second, 'owner')
      await stand.sql.query(`delete from platform.member where role = 'owner' and user_id not in ($1, $2)`, [stand.ownerId, second])
      const other = stand.browser()
      await stand.signIn(other, second)
      const answers = await Promise.all([stand.owner.call('DELETE', `members/${second}`), other.call('DELETE', `members/${stand.ownerId}`)])
      const [row] = await stand.sql.query<{ n: number }>(`select count(*)::integer as n from platform.member where role = 'owner'`)
      expect([row!.n, answers.map(({ status }) => status).includes(200)]).toEqual([1, true])
      const [left, leftId] = answers[0]!.status === 200 ? [stand.owner, stand.ownerId] : [other, second]
      expect((await left.call('DELETE', `members/${leftId}`)).body.error.code).toBe('last_owner')
      expect((await left.call('PATCH', `members/${leftId}`, { role: 'admin' })).body.error.code).toBe('last_owner')
      Object.assign(stand, { owner: left, ownerId: leftId })
    }
  })

  test('an owner who cannot sign in does not count as the one who is left', async () => {
    const absent = await stand.person('absent@example.com')
    await stand.sql.query('update auth.end_user set disabled_at = now() where id = $1', [absent])
    await stand.member(absent, 'owner')
    expect((await stand.owner.call('DELETE', `members/${stand.ownerId}`)).body.error.code).toBe('last_owner')
    await stand.sql.query('delete from platform.member where user_id = $1', [absent])
  })
})

describe('API keys', () => {
  const keyOf = async (body: Record<string, unknown>) => (await stand.owner.call('POST', 'api-keys', { name: 'k', ...body })).body.data

  test('are made by people, name permissions by either name, and say who they are', async () => {
    const made = await keyOf({ scopes: ['users.manage', 'projects:read'] })
    expect(made).toMatchObject({
      scopes: ['projects:read', 'users:write'],
      permissions: ['projects.read', 'users.manage'],
      project_ids: null,
      read_only: false,
    })
    const me = await stand.control.call('GET', 'me', undefined, { key: made.key })
    expect(me.body.data).toMatchObject({
      type: 'api_key',
      user: null,
      role: null,
      permissions: ['projects.read', 'users.manage'],
      api_key: { id: made.id },
    })
  })

  test('limited to a project reach that one alone, and nothing of the tenant', async () => {
    const [mine, other] = await Promise.all(
      ['Mine', 'Not mine'].map(async (name) => (await stand.owner.call('POST', 'projects', { name })).body.data.id as string),
    )
    const { key, project_ids: projectIds } = await keyOf({
      scopes: ALL_PERMISSIONS.filter((name) => name !== 'tenants.manage'),
      project_ids: [mine],
    })
    expect(projectIds).toEqual([mine])
    const call = (method: string, path: string, body?: unknown) => stand.control.call(method, path, body, { key })
    expect((await call('GET', `projects/${mine}`)).status).toBe(200)
    expect((await call('GET', `projects/${other}`)).status).toBe(404)
    expect((await call('GET', 'projects')).body.data.map((row: { id: string }) => row.id)).toEqual([mine])
    for (const [method, path, body] of [
      ['POST', 'projects', { name: 'x' }],
      ['GET', 'audit-log'],
      ['POST', 'api-keys', { name: 'free', scopes: ['projects:read'] }],
      ['GET', 'members'],
      ['PUT', 'console/access', { mode: 'open' }],
    ] as const)
      expect([path, (await call(method, path, body)).status]).toEqual([path, 403])
    for (const projectIds_ of [['proj_nonsense'], [`proj_${randomUUID()}`]])
      expect((await stand.owner.call('POST', 'api-keys', { name: 'k', scopes: ['projects:read'], project_ids: projectIds_ })).status).toBe(
        422,
      )
  })

  test('read-only change nothing, whatever their scopes say', async () => {
    const { key, permissions } = await keyOf({ scopes: ['projects:read', 'projects:write', 'users:write'], read_only: true })
    expect(permissions).toEqual(['projects.read'])
    expect((await stand.control.call('GET', 'projects', undefined, { key })).status).toBe(200)
    expect((await stand.control.call('POST', 'projects', { name: 'x' }, { key })).status).toBe(403)
    expect((await stand.owner.call('POST', 'api-keys', { name: 'k', scopes: ['users:write'], read_only: true })).status).toBe(422)
  })
})
