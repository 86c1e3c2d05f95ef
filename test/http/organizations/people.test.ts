import jwt from 'jsonwebtoken'
import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  PASSWORD,
  openAdmin,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { noteChange } from '../../support/sql.js'

let database: TestDatabase
let plane: RunningDataPlane
let other: RunningDataPlane
let admin: Client
let project: TestProject
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  other = await startDataPlane(database)
  admin = await openAdmin(database)
  project = await createTestProject(database, { settings: { organizations: 'self_service' } })
  base = plane.url + project.path
})
afterAll(async () => {
  await admin?.end()
  await plane?.close()
  await other?.close()
  await database?.drop()
})

type Person = Awaited<ReturnType<typeof signUp>>
const code = (answer: { body: { error?: { code?: string } } | null }) => answer.body?.error?.code
const as = (person: { accessToken: string }) => (path: string, method = 'GET', body?: unknown) =>
  call(base + path, { method, token: person.accessToken, ...(body === undefined ? {} : { body }) })
const claimsOf = (token: string) => jwt.decode(token) as jwt.JwtPayload

/** A person whose address is proven, in the way that a mailed link proves it. */
async function proven(): Promise<Person> {
  const person = await signUp(base)
  await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [person.userId])
  await noteChange(admin, project.id, person.userId)
  return person
}

async function company(people: { role: string }[] = []) {
  const owner = await proven()
  const made = await as(owner)('/organizations', 'POST', { name: `Firma ${randomUUID().slice(0, 8)}` })
  expect(made.status).toBe(201)
  const id = made.body.id as string
  const members = await Promise.all(people.map(proven))
  for (const [index, member] of members.entries()) {
    await join(owner, id, member, people[index]!.role)
  }
  return { owner, id, slug: made.body.slug as string, members }
}

async function join(owner: Person, organizationId: string, person: Person, role: string): Promise<void> {
  const invited = await as(owner)(`/organizations/${organizationId}/invitations`, 'POST', { email: person.email, role })
  expect([invited.status, invited.body]).toMatchObject([201, { email: person.email, role }])
  const accepted = await as(person)(`/organizations/invitations/${invited.body.id}/accept`, 'POST')
  expect(accepted.status).toBe(200)
}

const customRole = (key: string, permissions: string[]) =>
  admin.query(
    `insert into auth.organization_role (project_id, id, key, name, permissions, created_at, updated_at) values ($1, $2, $3, $3, $4, now(), now())`,
    [project.id, randomUUID(), key, permissions],
  )

describe('an organization', () => {
  test('is made by a person, who is its admin, and found under its slug', async () => {
    const owner = await proven()
    const made = await as(owner)('/organizations', 'POST', { name: 'Acme & Söhne GmbH', metadata: { plan: 'pro' } })
    expect(made.body).toMatchObject({ name: 'Acme & Söhne GmbH', slug: 'acme-sohne-gmbh', metadata: { plan: 'pro' }, logo_url: null })
    const again = await as(owner)('/organizations', 'POST', { name: 'Acme & Söhne GmbH' })
    expect(again.body.slug).toMatch(/^acme-sohne-gmbh-[0-9a-f]{6}$/)
    expect(code(await as(owner)('/organizations', 'POST', { name: 'x', slug: 'acme-sohne-gmbh' }))).toBe('conflict')
    const mine = await as(owner)('/organizations')
    expect(mine.body.data.map(({ slug, role }: { slug: string; role: string }) => [slug, role])).toEqual([
      ['acme-sohne-gmbh', 'admin'],
      [again.body.slug, 'admin'],
    ])
  })

  test.each(['/organizations', '/organizations/invitations', `/organizations/${randomUUID()}`, `/organizations/${randomUUID()}/members`])(
    'does not exist while the project has not turned them on: %s',
    async (path) => {
      const plain = await createTestProject(database)
      const person = await signUp(plane.url + plain.path)
      const answer = await call(plane.url + plain.path + path, { token: person.accessToken })
      expect([answer.status, code(answer)]).toEqual([403, 'organizations_not_enabled'])
    },
  )

  test('is made by operators only where it is managed', async () => {
    const managed = await createTestProject(database, { settings: { organizations: 'managed' } })
    const person = await signUp(plane.url + managed.path)
    const answer = await call(`${plane.url}${managed.path}/organizations`, { token: person.accessToken, body: { name: 'x' } })
    expect([answer.status, code(answer)]).toEqual([403, 'forbidden'])
  })

  test.each([
    ['read', '', 'GET', undefined],
    ['change', '', 'PATCH', { name: 'Mine' }],
    ['delete', '', 'DELETE', undefined],
    ['members', '/members', 'GET', undefined],
    ['a member', '/members/USER', 'PATCH', { role: 'member' }],
    ['remove', '/members/USER', 'DELETE', undefined],
    ['roles', '/roles', 'GET', undefined],
    ['invitations', '/invitations', 'GET', undefined],
    ['invite', '/invitations', 'POST', { email: 'a@example.com' }],
    ['activate', '/activate', 'POST', undefined],
    ['leave', '/leave', 'POST', undefined],
  ])('shows a stranger nothing: %s', async (_what, path, method, body) => {
    const { id, owner } = await company()
    const stranger = await proven()
    const answer = await as(stranger)(`/organizations/${id}${path.replace('USER', owner.userId)}`, method, body)
    expect([answer.status, code(answer)]).toEqual([404, 'not_found'])
  })

  test.each([
    ['change', '', 'PATCH', { name: 'Mine' }],
    ['delete', '', 'DELETE', undefined],
    ['raise oneself', '/members/SELF', 'PATCH', { role: 'admin' }],
    ['remove the admin', '/members/ADMIN', 'DELETE', undefined],
    ['see invitations', '/invitations', 'GET', undefined],
    ['invite', '/invitations', 'POST', { email: 'a@example.com' }],
  ])('lets a plain member not %s', async (_what, path, method, body) => {
    const { id, owner, members } = await company([{ role: 'member' }])
    const member = members[0]!
    const answer = await as(member)(`/organizations/${id}${path.replace('SELF', member.userId).replace('ADMIN', owner.userId)}`, method, body)
    expect([answer.status, code(answer)]).toEqual([403, 'forbidden'])
    const list = await as(owner)(`/organizations/${id}/members`)
    expect(list.body.data.map((each: { role: string }) => each.role)).toEqual(['admin', 'member'])
  })

  test('nobody gives or takes more than they are permitted themselves', async () => {
    await customRole('hr', ['org.read', 'members.read', 'members.manage'])
    const { id, owner, members } = await company([{ role: 'hr' }, { role: 'member' }])
    const [hr, member] = members as [Person, Person]
    const change = (userId: string, role: string) => as(hr)(`/organizations/${id}/members/${userId}`, 'PATCH', { role })
    expect((await change(member.userId, 'hr')).status).toBe(200)
    expect(code(await change(member.userId, 'admin'))).toBe('forbidden')
    expect(code(await change(hr.userId, 'admin'))).toBe('forbidden')
    expect(code(await change(owner.userId, 'member'))).toBe('forbidden')
    expect(code(await as(hr)(`/organizations/${id}/members/${owner.userId}`, 'DELETE'))).toBe('forbidden')
    expect(code(await as(hr)(`/organizations/${id}/invitations`, 'POST', { email: 'b@example.com', role: 'admin' }))).toBe('forbidden')
    const unknown = await as(hr)(`/organizations/${id}/invitations`, 'POST', { email: 'b@example.com', role: 'king' })
    expect([unknown.status, unknown.body.error.details[0].field]).toEqual([422, 'role'])
  })

  test('keeps an admin, also when two leave at once', async () => {
    const { id, owner, members } = await company([{ role: 'admin' }])
    const second = members[0]!
    const left = await Promise.all([owner, second].map((each) => as(each)(`/organizations/${id}/leave`, 'POST')))
    expect(left.map((answer) => answer.status).toSorted()).toEqual([200, 409])
    expect(left.map(code)).toContain('last_admin')
    const rest = left[0]!.status === 200 ? second : owner
    expect(code(await as(rest)(`/organizations/${id}/members/${rest.userId}`, 'PATCH', { role: 'member' }))).toBe('last_admin')
  })
})

describe('roles of one organization', () => {
  const define = (person: Person, id: string, role: Record<string, unknown>) => as(person)(`/organizations/${id}/roles`, 'POST', { name: 'Own', ...role })

  test('are its admins’ to say where the project lets them, of permissions that the project knows', async () => {
    const own = await createTestProject(database, { settings: { organizations: 'self_service', organization_roles: 'organization' } })
    const at = (token: string) => (path: string, method = 'GET', body?: unknown) =>
      call(`${plane.url}${own.path}${path}`, { method, token, ...(body === undefined ? {} : { body }) })
    await admin.query(
      `insert into auth.organization_role (project_id, id, key, name, permissions, created_at, updated_at) values ($1, $2, 'clerk', 'Clerk', '{invoices.write}', now(), now())`,
      [own.id, randomUUID()],
    )
    const [boss, other] = [at((await signUp(plane.url + own.path)).accessToken), at((await signUp(plane.url + own.path)).accessToken)]
    const { id } = (await boss('/organizations', 'POST', { name: 'Own roles' })).body
    const role = { key: 'lead', name: 'Lead', permissions: ['org.read', 'members.manage', 'invoices.write'] }
    expect((await boss(`/organizations/${id}/roles`, 'POST', role)).body).toEqual({ ...role, organization_id: id })
    expect((await boss(`/organizations/${id}/roles`)).body.data.map(({ key }: { key: string }) => key)).toEqual(['admin', 'member', 'clerk', 'lead'])
    const beyond = [{ permissions: ['app.staff'] }, 'permissions'] as const
    const powerless = [{ key: 'admin', permissions: ['org.read'] }, 'permissions'] as const
    for (const [wrong, field] of [beyond, powerless, [{ key: 'Lead' }, 'key']] as const) {
      const answer = await boss(`/organizations/${id}/roles`, 'POST', { ...role, ...wrong })
      expect([wrong, answer.status, answer.body.error.details[0].field]).toEqual([wrong, 422, field])
    }
    // Another company has nothing of it, and its people say nothing here.
    const theirs = (await other('/organizations', 'POST', { name: 'Theirs' })).body.id
    expect((await other(`/organizations/${theirs}/roles`)).body.data.map(({ key }: { key: string }) => key)).toEqual(['admin', 'member', 'clerk'])
    expect(code(await other(`/organizations/${id}/roles`, 'POST', role))).toBe('not_found')
    expect(code(await other(`/organizations/${id}/roles/lead`, 'DELETE'))).toBe('not_found')
    const mate = await signUp(plane.url + own.path)
    await admin.query(
      `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at) values ($1, $2, $3, 'lead', now(), now())`,
      [own.id, id, mate.userId],
    )
    expect(code(await boss(`/organizations/${id}/roles/lead`, 'DELETE'))).toBe('role_in_use')
    for (const [path, method, body] of [['', 'POST', { ...role, key: 'mine' }], ['/lead', 'DELETE', undefined]] as const) {
      expect([method, code(await at(mate.accessToken)(`/organizations/${id}/roles${path}`, method, body))]).toEqual([method, 'forbidden'])
    }
    expect((await boss(`/organizations/${id}/members/${mate.userId}`, 'PATCH', { role: 'member' })).status).toBe(200)
    expect((await boss(`/organizations/${id}/roles/lead`, 'DELETE')).body).toEqual({ ok: true })
    expect(code(await boss(`/organizations/${id}/roles/clerk`, 'DELETE'))).toBe('not_found')
  })

  test('are the operators’ alone until the project says otherwise', async () => {
    const { id, owner } = await company()
    expect(code(await define(owner, id, { key: 'own', permissions: [] }))).toBe('forbidden')
    expect(code(await as(owner)(`/organizations/${id}/roles/own`, 'DELETE'))).toBe('forbidden')
  })
})

describe('the last admin', () => {
  /** Each takes the next one down, and the last one themselves. */
  const WAYS: Record<string, (id: string, one: Person, other: Person) => ReturnType<typeof call>> = {
    leaving: (id, one) => as(one)(`/organizations/${id}/leave`, 'POST'),
    'a removal': (id, one, other) => as(one)(`/organizations/${id}/members/${other.userId}`, 'DELETE'),
    'another role': (id, one, other) => as(one)(`/organizations/${id}/members/${other.userId}`, 'PATCH', { role: 'member' }),
    'a deleted account': (_id, one) => as(one)('/user', 'DELETE', { password: PASSWORD }),
  }

  test.each(Object.keys(WAYS))('is left by twenty at once: %s', async (way) => {
    const { id, owner } = await company()
    // Somebody stays behind, who would have nobody to ask.
    const plain = await proven()
    await join(owner, id, plain, 'member')
    const admins = [owner, ...(await Promise.all(Array.from({ length: 19 }, proven)))]
    await admin.query(
      `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at)
        select $1, $2, u, 'admin', now(), now() from unnest($3::uuid[]) u on conflict do nothing`,
      [project.id, id, admins.map(({ userId }) => userId)],
    )
    const answers = await Promise.all(admins.map((each, at) => WAYS[way]!(id, each, admins[(at + 1) % admins.length]!)))
    // Whoever was taken down before their own turn may not any more.
    const told = new Set(answers.map((answer) => (answer.status === 200 ? 'done' : code(answer))))
    for (const each of told) expect(['done', 'last_admin', 'forbidden', 'not_found']).toContain(each)
    const { rows } = await admin.query<{ n: number }>(
      `select count(*)::int as n from auth.organization_membership where organization_id = $1 and role = 'admin'`, [id])
    expect(rows[0]!.n).toBeGreaterThanOrEqual(1)
    if (way === 'leaving' || way === 'a deleted account') {
      const done = answers.filter(({ status }) => status === 200).length
      expect([rows[0]!.n, done, answers.map(code).filter(Boolean)]).toEqual([1, 19, ['last_admin']])
    }
  })

  test('who is alone in an organization deletes the account all the same', async () => {
    const { owner } = await company()
    expect((await as(owner)('/user', 'DELETE', { password: PASSWORD })).status).toBe(200)
  })
})

describe('the active organization', () => {
  test('is in the token, stays with a refresh, and goes', async () => {
    const { id, slug, owner } = await company()
    expect(claimsOf(owner.accessToken)).not.toHaveProperty('org_id')
    const active = await as(owner)(`/organizations/${id}/activate`, 'POST')
    const said = { org_id: id, org_slug: slug, org_role: 'admin', permissions: expect.arrayContaining(['members.manage']) }
    expect(claimsOf(active.body.access_token)).toMatchObject(said)
    expect(active.body).not.toHaveProperty('refresh_token')
    const refreshed = await call(`${base}/refresh`, { body: { refresh_token: owner.refreshToken } })
    expect(claimsOf(refreshed.body.access_token)).toMatchObject(said)
    expect((await call(`${base}/verify`, { body: { token: refreshed.body.access_token } })).body).toMatchObject({ valid: true, ...said })
    const none = await as({ accessToken: refreshed.body.access_token })('/organizations/deactivate', 'POST')
    expect(claimsOf(none.body.access_token)).not.toHaveProperty('org_id')
    expect(claimsOf((await call(`${base}/refresh`, { body: { refresh_token: refreshed.body.refresh_token } })).body.access_token)).not.toHaveProperty('org_id')
  })

  test.each([
    ['another role', async (owner: Person, id: string, userId: string) => as(owner)(`/organizations/${id}/members/${userId}`, 'PATCH', { role: 'member' }), 'member'],
    ['removal', async (owner: Person, id: string, userId: string) => as(owner)(`/organizations/${id}/members/${userId}`, 'DELETE'), undefined],
    ['leaving it', async (_owner: Person, id: string, _userId: string, member: Person) => as(member)(`/organizations/${id}/leave`, 'POST'), undefined],
    ['the end of the organization', async (owner: Person, id: string) => as(owner)(`/organizations/${id}`, 'DELETE'), undefined],
  ] as const)('after %s: at once for /verify, here and within a second in another process, and in the next token', async (_what, change, role) => {
    const { id, owner, members } = await company([{ role: 'admin' }])
    const member = members[0]!
    const { access_token: token } = (await as(member)(`/organizations/${id}/activate`, 'POST')).body
    const verify = async (url: string) => (await call(`${url}${project.path}/verify`, { body: { token } })).body
    expect((await verify(plane.url)).org_role).toBe('admin')
    expect((await verify(other.url)).org_role).toBe('admin')
    expect((await change(owner, id, member.userId, member)).status).toBe(200)
    expect(await verify(plane.url)).toMatchObject({ valid: true, claims: { org_role: 'admin' } })
    expect((await verify(plane.url)).org_role).toBe(role)
    await expect.poll(async () => (await verify(other.url)).org_role, { timeout: 3_000 }).toBe(role)
    const refreshed = await call(`${base}/refresh`, { body: { refresh_token: member.refreshToken } })
    expect(claimsOf(refreshed.body.access_token)['org_role']).toBe(role)
  })

  test('claims that an app made up with its secret count for nothing', async () => {
    const { id, owner } = await company()
    const claims = claimsOf(owner.accessToken)
    const forged = jwt.sign({ ...claims, org_id: id, org_slug: 'x', org_role: 'admin', permissions: ['everything'] }, project.secret, {
      header: { alg: 'HS256', kid: project.kid, typ: 'JWT' },
    })
    expect(code(await call(`${base}/verify`, { body: { token: forged } }))).toBe('invalid_token')
  })

  test('makes at most 1 KB of claims', async () => {
    const permissions = Array.from({ length: 50 }, (_, index) => `perm.${String(index).padStart(4, '0')}`)
    await customRole('widest', permissions)
    const { id, owner, members } = await company()
    expect(members).toEqual([])
    const wide = await proven()
    await admin.query(
      `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at) values ($1, $2, $3, 'widest', now(), now())`,
      [project.id, id, wide.userId],
    )
    const { org_id, org_slug, org_role, permissions: said } = claimsOf((await as(wide)(`/organizations/${id}/activate`, 'POST')).body.access_token)
    expect(said).toEqual(permissions)
    expect(Buffer.byteLength(JSON.stringify({ org_id, org_slug, org_role, permissions: said }))).toBeLessThanOrEqual(1_024)
    expect(owner.userId).not.toBe(wide.userId)
  })
})

describe('an invitation', () => {
  test('waits for the proven address, and for no other', async () => {
    const { id, owner } = await company()
    const [invited, stranger] = [await signUp(base), await proven()]
    const { body } = await as(owner)(`/organizations/${id}/invitations`, 'POST', { email: invited.email.toUpperCase() })
    const accept = (who: Person) => as(who)(`/organizations/invitations/${body.id}/accept`, 'POST')
    expect(code(await accept(stranger))).toBe('not_found')
    expect((await as(invited)('/organizations/invitations')).body.data).toEqual([])
    expect(code(await accept(invited))).toBe('email_not_confirmed')
    await admin.query('update auth.end_user set email_verified_at = now() where id = $1', [invited.userId])
    await noteChange(admin, project.id, invited.userId)
    expect((await as(invited)('/organizations/invitations')).body.data).toMatchObject([{ id: body.id, organization_id: id, role: 'member' }])
    const pressed = await Promise.all(Array.from({ length: 20 }, () => accept(invited)))
    expect(pressed.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await as(owner)(`/organizations/${id}/members`)).body.data).toHaveLength(2)
  })

  test('answers the same for a known and an unknown address, and is spent, replaced, declined or revoked once', async () => {
    const { id, owner } = await company()
    const known = await proven()
    const ask = (email: string) => as(owner)(`/organizations/${id}/invitations`, 'POST', { email })
    const answers = [await ask(known.email), await ask(`nobody.${randomUUID()}@example.com`)]
    expect(answers.map(({ status, body }) => [status, Object.keys(body).toSorted()])).toEqual([
      [201, Object.keys(answers[0]!.body).toSorted()],
      [201, Object.keys(answers[0]!.body).toSorted()],
    ])
    const newer = await ask(known.email)
    expect(code(await as(known)(`/organizations/invitations/${answers[0]!.body.id}/accept`, 'POST'))).toBe('not_found')
    expect((await as(known)(`/organizations/invitations/${newer.body.id}/decline`, 'POST')).body).toEqual({ ok: true })
    const { rows } = await admin.query<{ metadata: unknown }>(
      `select metadata from auth.audit_event where action = 'organization.invitation_declined' and resource_id = $1`, [id])
    expect(rows).toEqual([{ metadata: { end_user_id: known.userId, role: 'member' } }])
    expect(code(await as(known)(`/organizations/invitations/${newer.body.id}/accept`, 'POST'))).toBe('not_found')
    const last = await ask(known.email)
    expect((await as(owner)(`/organizations/${id}/invitations/${last.body.id}`, 'DELETE')).status).toBe(200)
    expect(code(await as(known)(`/organizations/invitations/${last.body.id}/accept`, 'POST'))).toBe('not_found')
  })

  test('of somebody who belongs to it already is refused, and changes nothing', async () => {
    const { id, owner, members } = await company([{ role: 'member' }])
    const member = members[0]!
    for (const email of [member.email, member.email.toUpperCase(), owner.email]) {
      const again = await as(owner)(`/organizations/${id}/invitations`, 'POST', { email, role: 'admin' })
      const details = [{ field: 'email', code: 'already_member' }]
      expect([again.status, code(again), again.body.error.details]).toMatchObject([409, 'conflict', details])
    }
    expect((await as(owner)(`/organizations/${id}/invitations`)).body.data).toEqual([])
    expect((await as(member)('/organizations')).body.data).toMatchObject([{ id, role: 'member' }])
  })

  test('of an older day does not change the role of somebody who joined meanwhile', async () => {
    const { id, owner } = await company()
    const late = await proven()
    const invited = await as(owner)(`/organizations/${id}/invitations`, 'POST', { email: late.email, role: 'admin' })
    await admin.query(
      `insert into auth.organization_membership (project_id, organization_id, end_user_id, role, created_at, updated_at) values ($1, $2, $3, 'member', now(), now())`,
      [project.id, id, late.userId],
    )
    expect((await as(late)(`/organizations/invitations/${invited.body.id}/accept`, 'POST')).status).toBe(200)
    expect((await as(late)('/organizations')).body.data).toMatchObject([{ id, role: 'member' }])
  })

  test('ends after seven days', async () => {
    const { id, owner } = await company()
    const late = await proven()
    const { body } = await as(owner)(`/organizations/${id}/invitations`, 'POST', { email: late.email })
    await admin.query(`update auth.organization_invitation set expires_at = now() - interval '1 second' where id = $1`, [body.id])
    expect(code(await as(late)(`/organizations/invitations/${body.id}/accept`, 'POST'))).toBe('not_found')
  })
})
