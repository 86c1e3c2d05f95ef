import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { build, inOrder, nameOf, ownBearer, sampleOf } from '../../isolation/foreign-calls.js'
import { LAST } from '../../isolation/route-samples.js'
import { bare, stageTwoTenants, type Stage } from '../../isolation/two-tenants.js'
import { changeTestSettings, createTestProject, signUp, startDataPlane, call, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { connect, noteChange, refusal, type Connection } from '../../support/sql.js'

let database: TestDatabase
let plane: RunningDataPlane
let owner: Connection
let stage: Stage
beforeAll(async () => {
  stage = await stageTwoTenants()
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  owner = await connect(database.url)
})
afterAll(async () => {
  await owner?.close()
  await plane?.close()
  await database?.drop()
  await stage?.close()
})

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

async function setAppMetadata(projectId: string, userId: string, appMetadata: object): Promise<void> {
  await owner.query('update auth.end_user set app_metadata = $3 where project_id = $1 and id = $2', [projectId, userId, appMetadata])
  await noteChange({ query: (text, values) => owner.query(text, values) }, projectId, userId)
}

test('an access token says it where the project wants it, verified and refreshed as everything else', async () => {
  const project = await createTestProject(database)
  const base = plane.url + project.path
  const first = await signUp(base)
  expect(claimsOf(first.accessToken)).not.toHaveProperty('app_metadata')
  const { user_id: userId } = (await call(`${base}/verify`, { body: { token: first.accessToken } })).body as { user_id: string }
  await changeTestSettings(database, project, { token_claims: ['app_metadata'] })
  const appMetadata = { plan: 'pro', roles: ['editor'], '10': 'ten', '2': { b: 1, a: null } }
  await setAppMetadata(project.id, userId, appMetadata)

  const refresh = async () => (await call(`${base}/refresh`, { body: { refresh_token: first.refreshToken } })).body
  await vi.waitFor(async () => expect(claimsOf((await refresh()).access_token)).toHaveProperty('app_metadata'), 5_000)
  const refreshed = await refresh()
  expect(claimsOf(refreshed.access_token)['app_metadata']).toEqual(appMetadata)
  expect(refreshed.user).toMatchObject({ app_metadata: appMetadata, metadata: {} })
  const verified = await call(`${base}/verify`, { body: { token: refreshed.access_token } })
  expect([verified.status, verified.body.claims.app_metadata]).toEqual([200, appMetadata])
  expect((await call(`${base}/user`, { token: refreshed.access_token })).body.user.app_metadata).toEqual(appMetadata)
  // Issued before: good for as long as it lives, and without it.
  expect((await call(`${base}/verify`, { body: { token: first.accessToken } })).status).toBe(200)
})

test('the roles that serve end users have no right to it', async () => {
  for (const role of ['portico_data', 'portico_worker'] as const) {
    const connection = await connect(database.roleUrl(role))
    await connection.query(`select set_config('portico.project_id', gen_random_uuid()::text, false)`)
    expect(await refusal(connection.query(`update auth.end_user set app_metadata = '{}'`))).toBe('42501')
    expect(await refusal(connection.query(`insert into auth.end_user (project_id, id, app_metadata) values (null, null, '{}')`))).toBe(
      '42501',
    )
    await connection.close()
  }
})

/** The body with it beside and inside of what the route takes. */
const withAppMetadata = (body: Record<string, unknown>) => ({
  ...body,
  app_metadata: { plan: 'enterprise' },
  appMetadata: { plan: 'enterprise' },
})

test('no route of the data plane writes it, whoever asks', async () => {
  let asked = 0
  for (const route of inOrder(listRoutes(stage.apps.data))) {
    const sample = sampleOf('data', route)
    if (!sample) continue
    const person = await stage.person()
    const owned = { tenant: stage.a, person }
    const request = sample.request(owned)
    const bodies = request.body
      ? [withAppMetadata(request.body), { ...request.body, metadata: { app_metadata: { plan: 'enterprise' } } }]
      : []
    for (const body of bodies) {
      await stage.send(
        'data',
        build('data', route, { ...request, body }, stage.a, ownBearer('data', route, sample, owned, stage.operatorKey)),
      )
      asked += 1
    }
    if (LAST.includes(nameOf(route))) await stage.refit()
  }
  expect(asked).toBeGreaterThan(30)
  const written = await stage.owner.query('select id from auth.end_user where project_id = $1 and app_metadata <> $2', [
    bare(stage.a.projectId),
    {},
  ])
  expect(written).toEqual([])
}, 120_000)
