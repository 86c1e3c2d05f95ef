import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GROUP, makeDirectory, newUser, patch, stageScim, type OwnDirectory, type Stage } from './scim-client.js'

/** An organization keeps an admin, whatever groups say. */
let stage: Stage
beforeAll(async () => {
  stage = await stageScim()
})
afterAll(() => stage?.stop())

const company = () => makeDirectory(stage, { directory: { group_roles: [{ group: 'Admins', role: 'admin' }] } })
const person = async (own: OwnDirectory) => (await own.scim('POST', '/Users', newUser(`${randomUUID()}@corp.example`))).body.id as string
const admins = async (own: OwnDirectory, ids: string[] = []) => {
  const members = ids.map((value) => ({ value }))
  return (await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Admins', members })).body.id as string
}
const roles = async (own: OwnDirectory): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await own.call('GET', `organizations/${own.organizationId}/members`)).body.data.map((each: { user_id: string; role: string }) => [each.user_id, each.role]),
  )
const out = (own: OwnDirectory, group: string, id: string) => own.scim('PATCH', `/Groups/${group}`, patch({ op: 'remove', path: `members[value eq "${id}"]` }))

describe('the last admin of an organization', () => {
  test.each<[string, (own: OwnDirectory, group: string, id: string) => Promise<unknown>]>([
    ['taken out of the group', out],
    ['when the group is emptied', (own, group) => own.scim('PUT', `/Groups/${group}`, { schemas: [GROUP], displayName: 'Admins', members: [] })],
    ['when the group is called something else', (own, group) => own.scim('PATCH', `/Groups/${group}`, patch({ op: 'replace', path: 'displayName', value: 'Others' }))],
    ['when the group is deleted', (own, group) => own.scim('DELETE', `/Groups/${group}`)],
    ['when the directory gives no roles any more', (own) => own.call('PATCH', `directories/${own.id}`, { group_roles: [], fallback_role: null })],
  ])('stays admin %s, and goes when there is another', async (_what, change) => {
    const own = await company()
    const [first, second] = [await person(own), await person(own)]
    const group = await admins(own, [first])
    expect(await roles(own)).toMatchObject({ [first]: 'admin', [second]: 'member' })
    await change(own, group, first)
    expect((await roles(own))[first]).toBe('admin')
    const fallback = (await own.call('GET', `directories/${own.id}`)).body.data.fallback_role as string | null
    await own.call('PATCH', `directories/${own.id}`, { group_roles: [{ group: 'New admins', role: 'admin' }] })
    expect((await roles(own))[first]).toBe('admin')
    await own.scim('POST', '/Groups', { schemas: [GROUP], displayName: 'New admins', members: [{ value: second }] })
    expect([(await roles(own))[first] ?? null, (await roles(own))[second]]).toEqual([fallback, 'admin'])
  })

  test('who made the company stays its admin when the first sync brings them without a group; the log says so', async () => {
    const own = await company()
    const domain = `${randomUUID()}.example`
    await stage.owner.query(
      `insert into auth.email_domain (project_id, id, organization_id, domain, verification_token, verified_at, created_at)
        values ($1, gen_random_uuid(), $2, $3, 'x', now(), now())`,
      [own.projectId.replace('proj_', ''), own.organizationId, domain],
    )
    const founder = (await own.call('POST', 'users', { email: `founder@${domain}` })).body.data.id as string
    await own.call('POST', `organizations/${own.organizationId}/members`, { user_id: founder, role: 'admin' })
    const made = await own.scim('POST', '/Users', newUser(`founder@${domain}`))
    expect([made.status, made.body.id, (await roles(own))[founder]]).toEqual([201, founder, 'admin'])
    const [event] = (await own.call('GET', `directories/${own.id}/log`)).body.data
    expect(event.detail).toMatch(/last admin/)
  })

  test('twenty taken out at once leave one', async () => {
    const own = await company()
    const people = await Promise.all(Array.from({ length: 20 }, () => person(own)))
    const group = await admins(own, people)
    const answers = await Promise.all(people.map((id) => out(own, group, id)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(Object.values(await roles(own)).filter((role) => role === 'admin')).toHaveLength(1)
  })

  test('twenty who become admin at once all do', async () => {
    const own = await makeDirectory(stage, { directory: { fallback_role: 'admin' } })
    const people = await Promise.all(Array.from({ length: 20 }, () => person(own)))
    expect(await roles(own)).toEqual(Object.fromEntries(people.map((id) => [id, 'admin'])))
  })

  test('who leaves the company goes all the same: an account that is disabled or deleted administers nothing', async () => {
    const own = await company()
    const [first, second] = [await person(own), await person(own)]
    const group = await admins(own, [first, second])
    await own.scim('PATCH', `/Users/${first}`, patch({ op: 'replace', path: 'active', value: false }))
    // Whoever cannot sign in is no admin to count on.
    await out(own, group, second)
    expect((await roles(own))[second]).toBe('admin')
    await out(own, group, first)
    expect((await roles(own))[first]).toBe('member')
    await own.scim('DELETE', `/Users/${second}`)
    expect(await roles(own)).toEqual({ [first]: 'member' })
  })
})
