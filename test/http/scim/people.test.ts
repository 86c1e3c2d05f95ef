import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../../support/data-plane.js'
import {
  anotherAdmin, GROUP, digestToken, makeDirectory, newUser, patch, scimClient, stageScim, type OwnDirectory, type Stage,
} from './scim-client.js'

let stage: Stage
let own: OwnDirectory
beforeAll(async () => {
  stage = await stageScim()
  const group_roles = [{ group: 'Admins', role: 'admin' }, { group: 'Guests', role: 'member' }]
  own = await makeDirectory(stage, { directory: { group_roles, fallback_role: null } })
  await anotherAdmin(own)
})
afterAll(() => stage?.stop())

const PASSWORD = 'a long enough pass 7'
const address = () => `${randomUUID()}@corp.example`
const code = (answer: { body: { error?: { code?: string } } }) => answer.body.error?.code

/** Somebody of the directory who is signed in, with a password from before. */
async function person(of = own) {
  const email = address()
  const stranger = address()
  await call(`${of.base}/signup`, { body: { email: stranger, password: PASSWORD } })
  const { id } = (await of.scim('POST', '/Users', newUser(email))).body
  await stage.owner.query(
    'update auth.end_user set password_hash = (select password_hash from auth.end_user where email = $2), email_verified_at = now() where id = $1',
    [id, stranger],
  )
  const { access_token: token, refresh_token: refresh } = (await call(`${of.base}/login`, { body: { email, password: PASSWORD } })).body as Record<string, string>
  return { id: id as string, email, token: token!, refresh: refresh! }
}

/** A token that a mail would have brought. */
async function mailed(userId: string, purpose: string, payload: Record<string, unknown>): Promise<string> {
  const token = randomUUID().replaceAll('-', '').padEnd(43, 'a')
  await stage.owner.query(
    `insert into auth.one_time_token (project_id, digest, purpose, end_user_id, payload, created_at, expires_at)
      select project_id, $2, $3, id, $4, now(), now() + interval '1 hour' from auth.end_user where id = $1`,
    [userId, digestToken(token), purpose, JSON.stringify(payload)],
  )
  return token
}

describe('what a directory decides', () => {
  test.each<[string, (who: Awaited<ReturnType<typeof person>>) => ReturnType<typeof call>]>([
    ['the profile', ({ token }) => call(`${own.base}/user`, { method: 'PATCH', token, body: { metadata: { name: 'x' } } })],
    ['the password', ({ token }) => call(`${own.base}/password`, { token, body: { current_password: PASSWORD, password: 'another long pass 8' } })],
    ['the address', ({ token }) => call(`${own.base}/email/change`, { token, body: { email: address(), password: PASSWORD } })],
    ['the existence', ({ token }) => call(`${own.base}/user`, { method: 'DELETE', token, body: { password: PASSWORD } })],
    ['the password, by a mailed link', async ({ id, email }) =>
      call(`${own.base}/password-reset/confirm`, { body: { token: await mailed(id, 'password_reset', { email }), password: 'another long pass 8' } })],
    ['the address, by a link from before', async ({ id, email, token }) =>
      call(`${own.base}/email/confirm`, { token, body: { token: await mailed(id, 'email_change', { email, new_address: address() }) } })],
  ])('is not for its people to change: %s', async (_what, attempt) => {
    const who = await person()
    const before = await stage.owner.query('select email, password_hash, metadata from auth.end_user where id = $1', [who.id])
    const answer = await attempt(who)
    expect([answer.status, code(answer)]).toEqual([403, 'managed_by_directory'])
    expect(await stage.owner.query('select email, password_hash, metadata from auth.end_user where id = $1', [who.id])).toEqual(before)
  })

  test('active: false ends sessions at once; no way in opens the account again, and only who closed it opens it', async () => {
    const who = await person()
    const reset = await mailed(who.id, 'password_reset', { email: who.email })
    await own.scim('PATCH', `/Users/${who.id}`, patch({ op: 'replace', path: 'active', value: false }))
    expect((await call(`${own.base}/verify`, { body: { token: who.token } })).status).toBe(401)
    expect((await call(`${own.base}/refresh`, { body: { refresh_token: who.refresh } })).status).toBe(401)
    expect(code(await call(`${own.base}/login`, { body: { email: who.email, password: PASSWORD } }))).toBe('invalid_credentials')
    expect(code(await call(`${own.base}/password-reset/confirm`, { body: { token: reset, password: 'another long pass 8' } }))).toBe('invalid_or_expired_token')
    for (const path of ['password-reset', 'magic-link', 'email/start']) await call(`${own.base}/${path}`, { body: { email: who.email } })
    const [row] = await stage.owner.query<{ off: boolean }>('select disabled_at is not null as off from auth.end_user where id = $1', [who.id])
    expect(row?.off).toBe(true)
    await own.scim('PATCH', `/Users/${who.id}`, patch({ op: 'replace', path: 'active', value: true }))
    expect((await call(`${own.base}/login`, { body: { email: who.email, password: PASSWORD } })).status).toBe(200)
    // An operator's ban is not the directory's to lift.
    await own.call('POST', `users/${who.id}/disable`)
    await own.scim('PATCH', `/Users/${who.id}`, patch({ op: 'replace', path: 'active', value: true }))
    expect((await own.call('GET', `users/${who.id}`)).body.data.disabled).toBe(true)
  })

  test('roles: the first group that matches counts, none is no membership, and /verify says so without a sign-in', async () => {
    const who = await person()
    const role = async () =>
      (await own.call('GET', `organizations/${own.organizationId}/members`)).body.data.find((each: { user_id: string }) => each.user_id === who.id)?.role ?? null
    expect(await role()).toBeNull()
    const group = async (displayName: string) =>
      (await own.scim('POST', '/Groups', { schemas: [GROUP], displayName, members: [{ value: who.id }] })).body.id as string
    const guests = await group('GUESTS')
    expect(await role()).toBe('member')
    const active = (await call(`${own.base}/organizations/${own.organizationId}/activate`, { method: 'POST', token: who.token })).body as { access_token: string }
    const admins = await group('admins')
    expect(await role()).toBe('admin')
    const verified = await call(`${own.base}/verify`, { body: { token: active.access_token } })
    expect(verified.body).toMatchObject({ org_role: 'admin' })
    await own.scim('PATCH', `/Groups/${admins}`, patch({ op: 'replace', path: 'displayName', value: 'Others' }))
    expect(await role()).toBe('member')
    await own.call('PATCH', `directories/${own.id}`, { group_roles: [{ group: 'others', role: 'admin' }] })
    expect(await role()).toBe('admin')
    await own.call('PATCH', `directories/${own.id}`, { group_roles: [{ group: 'Admins', role: 'admin' }, { group: 'Guests', role: 'member' }] })
    for (const id of [admins, guests]) await own.scim('DELETE', `/Groups/${id}`)
    expect(await role()).toBeNull()
    expect((await own.call('PATCH', `directories/${own.id}`, { fallback_role: 'emperor' })).status).toBe(422)
  })
})

describe('whose an account is', () => {
  test('somebody who was there first is not taken over, and keeps everything', async () => {
    const email = address()
    const first = await call(`${own.base}/signup`, { body: { email, password: PASSWORD } })
    const answer = await own.scim('POST', '/Users', newUser(email))
    expect([answer.status, answer.body.scimType, answer.body.detail]).toEqual([409, 'uniqueness', expect.stringContaining('verified')])
    expect((await call(`${own.base}/verify`, { body: { token: (first.body as { access_token: string }).access_token } })).status).toBe(200)
    const mine = (await own.scim('POST', '/Users', newUser(address()))).body
    const moved = await own.scim('PATCH', `/Users/${mine.id}`, patch({ op: 'replace', path: 'emails[type eq "work"].value', value: email }))
    expect([moved.status, moved.body.scimType]).toEqual([409, 'uniqueness'])
    const log = (await own.call('GET', `directories/${own.id}/log?refused=true`)).body.data
    expect(log.slice(0, 2).map(({ method, status }: Record<string, unknown>) => [method, status])).toEqual([['PATCH', 409], ['POST', 409]])
  })

  test('at a domain that the organization has proved, an account that was there before becomes its person', async () => {
    const domain = `${randomUUID()}.example`
    const prove = (organizationId: string | null, name: string) =>
      stage.owner.query(
        `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, verified_at, created_at)
          values ($1, gen_random_uuid(), $2, $3, 'x', now(), now())`,
        [own.projectId.replace('proj_', ''), organizationId, name],
      )
    await prove(own.organizationId, domain)
    // Whoever signed up without proving the address was perhaps somebody else: their session and their password end.
    const [squatted, proven] = [`a@${domain}`, `b@${domain}`]
    const stranger = (await call(`${own.base}/signup`, { body: { email: squatted, password: PASSWORD } })).body as { access_token: string }
    const known = (await call(`${own.base}/signup`, { body: { email: proven, password: PASSWORD } })).body as { access_token: string; user_id: string }
    await stage.owner.query('update auth.end_user set email_verified_at = now() where id = $1', [known.user_id])
    const [first, second] = [await own.scim('POST', '/Users', newUser(squatted)), await own.scim('POST', '/Users', newUser(proven))]
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, known.user_id])
    expect((await call(`${own.base}/verify`, { body: { token: stranger.access_token } })).status).toBe(401)
    expect((await call(`${own.base}/login`, { body: { email: squatted, password: PASSWORD } })).status).toBe(401)
    expect((await call(`${own.base}/verify`, { body: { token: known.access_token } })).status).toBe(200)
    expect((await call(`${own.base}/login`, { body: { email: proven, password: PASSWORD } })).status).toBe(200)
    // A domain of somebody else's in the project is none of this organization's.
    const foreign = `${randomUUID()}.example`
    await prove(null, foreign)
    await call(`${own.base}/signup`, { body: { email: `a@${foreign}`, password: PASSWORD } })
    expect((await own.scim('POST', '/Users', newUser(`a@${foreign}`))).status).toBe(409)
  })

  test('somebody whom one directory has deleted may be of another one, which has proved their domain, and is found there alone', async () => {
    const domain = `${randomUUID()}.example`
    const email = `moved@${domain}`
    const next = await makeDirectory(stage, { projectId: own.projectId })
    const { id } = (await own.scim('POST', '/Users', newUser(email))).body
    await own.scim('DELETE', `/Users/${id}`)
    expect((await next.scim('POST', '/Users', newUser(email))).status).toBe(409)
    await stage.owner.query(
      `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, verified_at, created_at)
        values ($1, gen_random_uuid(), $2, $3, 'x', now(), now())`,
      [own.projectId.replace('proj_', ''), next.organizationId, domain],
    )
    expect((await next.scim('POST', '/Users', newUser(email))).body.id).toBe(id)
    const found = (scim: OwnDirectory['scim']) => scim('GET', `/Users?filter=${encodeURIComponent(`emails.value eq "${email}"`)}`)
    expect([(await found(next.scim)).body.totalResults, (await found(own.scim)).body.totalResults]).toEqual([1, 0])
    expect([(await next.scim('GET', `/Users/${id}`)).status, (await own.scim('GET', `/Users/${id}`)).status]).toEqual([200, 404])
  })

  test('twenty at once make one', async () => {
    const email = address()
    const answers = await Promise.all(Array.from({ length: 20 }, () => own.scim('POST', '/Users', newUser(email))))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 19 }, () => 409)])
  })

  test('a deleted person’s account goes when the project says so, with a row in the audit log', async () => {
    const email = address()
    const mine = await makeDirectory(stage, { settings: { directory_delete_after_days: 7 } })
    const { id } = (await mine.scim('POST', '/Users', newUser(email))).body
    await mine.scim('DELETE', `/Users/${id}`)
    const [{ due } = { due: null }] = await stage.owner.query<{ due: boolean }>(
      `select purge_at between now() + interval '6 days' and now() + interval '8 days' as due from auth.directory_user where end_user_id = $1`, [id])
    expect(due).toBe(true)
    await stage.owner.query(`select auth.sweep_directories(now() + interval '8 days', 100)`)
    expect((await mine.call('GET', `users/${id}`)).status).toBe(404)
    const audit = await stage.owner.query(`select 1 from auth.audit_event where action = 'user.deleted' and resource_id = $1`, [id])
    expect(audit).toHaveLength(1)
    await mine.call('PATCH', 'auth', { directory_delete_after_days: 0 })
    // The data plane hears of another setting within a moment.
    await expect.poll(async () => {
      const again = (await mine.scim('POST', '/Users', newUser(address()))).body
      await mine.scim('DELETE', `/Users/${again.id}`)
      return (await mine.call('GET', `users/${again.id}`)).status
    }).toBe(404)
  })
})

describe('isolation', () => {
  test('a token of one directory reaches neither another project nor another directory of its own', async () => {
    const [other, sibling] = [await makeDirectory(stage), await makeDirectory(stage, { projectId: own.projectId })]
    expect((await scimClient(other.base, own.token)('GET', '/Users')).status).toBe(401)
    const theirs = (await sibling.scim('POST', '/Users', newUser(address()))).body
    const group = (await sibling.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Theirs', members: [{ value: theirs.id }] })).body
    const free = await call(`${own.base}/signup`, { body: { email: address(), password: PASSWORD } })
    const nobodys = (free.body as { user_id: string }).user_id
    for (const id of [theirs.id, nobodys]) {
      const off = patch({ op: 'replace', path: 'active', value: false })
      for (const [method, body] of [['GET'], ['PUT', newUser('x')], ['PATCH', off], ['DELETE']] as const) {
        expect([method, (await own.scim(method, `/Users/${id}`, body)).status]).toEqual([method, 404])
      }
      const member = await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: randomUUID(), members: [{ value: id }] })
      expect([member.status, member.body.members]).toEqual([201, []])
    }
    expect((await own.scim('GET', `/Groups/${group.id}`)).status).toBe(404)
    expect((await own.scim('DELETE', `/Groups/${group.id}`)).status).toBe(404)
    expect((await own.scim('POST', '/.search', { filter: `id eq "${theirs.id}"` })).body.totalResults).toBe(0)
    // The name is free in another directory, the address is not.
    expect((await own.scim('POST', '/Users', { userName: theirs.userName })).status).toBe(409)
    expect((await own.scim('POST', '/Users', newUser(theirs.userName, { emails: [{ value: address() }] }))).status).toBe(201)
  })

  test('a directory that is removed leaves its people to themselves', async () => {
    const mine = await makeDirectory(stage, { projectId: own.projectId })
    const who = await person(mine)
    await mine.call('DELETE', `directories/${mine.id}`)
    await expect.poll(async () => (await mine.scim('GET', '/Users')).status, { timeout: 1_500 }).toBe(401)
    expect((await call(`${own.base}/user`, { method: 'PATCH', token: who.token, body: { metadata: { name: 'x' } } })).status).toBe(200)
  })
})

