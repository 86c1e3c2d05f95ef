import { listRoutes, type RouteEntry } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, inOrder, nameOf, ownBearer, sampleOf } from './foreign-calls.js'
import type { Owned } from './route-samples.js'
import { bare, stageTwoTenants, type Stage } from './two-tenants.js'

/**
 * A directory decides over an account: who it is, how it is called, whether it is open. Every route of the table is tried by its owner,
 * with the request that works for everybody else.
 */
let stage: Stage
let routes: RouteEntry[]
beforeAll(async () => {
  stage = await stageTwoTenants()
  routes = inOrder(listRoutes(stage.apps.data)).filter(({ method, path }) => method !== 'GET' && !path.startsWith('/auth/scim/'))
})
afterAll(() => stage?.close())

const scim = ({ tenant, person }: Owned, active: boolean) =>
  stage.send('data', {
    method: 'PATCH',
    path: `/${tenant.projectId}/scim/v2/Users/${person.userId}`,
    headers: { authorization: `Bearer ${person.directory.token}` },
    body: JSON.stringify({ Operations: [{ op: 'replace', path: 'active', value: active }] }),
  })

/** Somebody with every kind of credential, of whom a directory has taken charge since. */
async function managed({ active }: { active: boolean }): Promise<Owned> {
  const owned = { tenant: stage.a, person: await stage.person() }
  const { userId, email, directory } = owned.person
  const attributes = { core: { userName: email, emails: [{ value: email }] }, extensions: {} }
  await stage.owner.query(
    `insert into auth.directory_user (project_id, end_user_id, directory_id, user_name, user_name_key, attributes, active, created_at, updated_at)
      values ($1, $2, $3, $4, $4, $5, true, now(), now())`,
    [bare(stage.a.projectId), userId, directory.id, email, JSON.stringify(attributes)],
  )
  if (!active) expect((await scim(owned, false)).status).toBe(200)
  return owned
}

const account = async ({ person }: Owned) =>
  stage.owner.query<Record<string, unknown>>(
    `select email, email_typed, password_hash, metadata, disabled_at is not null as disabled from auth.end_user where id = $1`, [person.userId])
const liveSessions = ({ person }: Owned) =>
  stage.owner.query<{ id: string }>('select id from auth.session where end_user_id = $1 and ended_at is null', [person.userId])

async function attempt(route: RouteEntry, owned: Owned) {
  const sample = sampleOf('data', route)
  if (!sample) throw new Error(`no sample of ${nameOf(route)}`)
  const bearer = ownBearer('data', route, sample, owned, stage.operatorKey)
  // With the session wherever one is taken: what is on the account is then the caller's own.
  return stage.send('data', build('data', route, sample.request(owned), owned.tenant, bearer ?? owned.person.accessToken))
}

describe('of an account that a directory manages', () => {
  test('no route changes address, password, names or existence', async () => {
    let owned = await managed({ active: true })
    const refused: string[] = []
    for (const route of routes) {
      const alive = (await liveSessions(owned)).some(({ id }) => id === owned.person.sessionId)
      if (!alive) owned = await managed({ active: true })
      const before = await account(owned)
      const answer = await attempt(route, owned)
      if (answer.text.includes('managed_by_directory')) refused.push(nameOf(route))
      expect([nameOf(route), answer.status, await account(owned)]).toEqual([nameOf(route), answer.status, before])
      expect([nameOf(route), answer.status < 500]).toEqual([nameOf(route), true])
    }
    // Those that would have, for everybody else.
    expect(refused).toEqual(expect.arrayContaining([
      'PATCH /auth/user', 'DELETE /auth/user', 'POST /auth/password', 'POST /auth/password-reset/confirm', 'POST /auth/email/change',
      'POST /auth/invitation/accept',
    ]))
  }, 60_000)

  test('once it is disabled no route opens it again, or answers a token', async () => {
    const owned = await managed({ active: false })
    const before = await account(owned)
    expect(before).toMatchObject([{ disabled: true }])
    for (const route of routes) {
      const answer = await attempt(route, owned)
      expect([nameOf(route), await account(owned), await liveSessions(owned)]).toEqual([nameOf(route), before, []])
      const token = /"(access_token|mfa_token|refresh_token)"/.test(answer.text) && answer.text.includes(owned.person.userId)
      expect([nameOf(route), token]).toEqual([nameOf(route), false])
    }
    expect((await scim(owned, true)).status).toBe(200)
    expect(await account(owned)).toMatchObject([{ disabled: false }])
  }, 60_000)
})
