import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import jwt from 'jsonwebtoken'
import { verifyToken } from '../../../libs/sdk-app/server.js'
import {
  call,
  changeTestSettings,
  createTestProject,
  signUp,
  startDataPlane,
  TEST_PUBLIC_URL,
  type RunningDataPlane,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let plane: RunningDataPlane

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
})

afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

const part = (token: string, at: 0 | 1) => JSON.parse(Buffer.from(token.split('.')[at]!, 'base64url').toString()) as Record<string, unknown>
const verified = (base: string, token: string) => call(`${base}/verify`, { body: { token } })

const forms = (['HS256', 'ES256'] as const).flatMap((alg) =>
  [undefined, 'JWT', 'at+jwt'].flatMap((typ) => [undefined, 'https://api.bakery.test'].map((audience) => ({ alg, typ, audience }))),
)

describe.each(forms)('$alg, token_type_header $typ, token_audience $audience', ({ alg, typ, audience }) => {
  test('every token says it, and every way of ours to check one knows it', async () => {
    const settings = { token_algorithm: alg, ...(typ ? { token_type_header: typ } : {}), ...(audience ? { token_audience: audience } : {}) }
    const project = await createTestProject(database, { alg, settings })
    const base = plane.url + project.path
    const { accessToken, refreshToken } = await signUp(base)
    const refreshed = (await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })).body.access_token as string
    for (const token of [accessToken, refreshed]) {
      expect(part(token, 0)).toEqual({ alg, kid: project.kid, typ: typ ?? 'JWT' })
      if (audience) expect(part(token, 1)['aud']).toBe(audience)
      else expect(part(token, 1)).not.toHaveProperty('aud')
      const answer = await verified(base, token)
      expect([answer.status, answer.body.claims]).toEqual([200, part(token, 1)])
      expect((await call(`${base}/user`, { token })).status).toBe(200)
      const keys = alg === 'HS256' ? { secret: project.secret } : { jwksUrl: `${base}/.well-known/jwks.json` }
      const options = { ...keys, issuer: TEST_PUBLIC_URL + project.path, ...(audience ? { audience } : {}) }
      expect(await verifyToken(token, options)).toEqual(part(token, 1))
    }
  })
})

test('a change of type or a first audience refuses no token that lives', async () => {
  const project = await createTestProject(database)
  const base = plane.url + project.path
  const { accessToken, refreshToken } = await signUp(base)
  await changeTestSettings(database, project, { token_type_header: 'at+jwt', token_audience: 'https://api.bakery.test' })
  const refreshed = await vi.waitFor(async () => {
    const token = (await call(`${base}/refresh`, { body: { refresh_token: refreshToken } })).body.access_token as string
    expect(part(token, 0)['typ']).toBe('at+jwt')
    return token
  }, 5_000)
  for (const token of [accessToken, refreshed]) expect((await verified(base, token)).status).toBe(200)
})

test('an audience that is not the project’s, and a token of another kind, are refused although the secret signed them', async () => {
  const project = await createTestProject(database, { settings: { token_audience: 'https://api.bakery.test' } })
  const base = plane.url + project.path
  const claims = part((await signUp(base)).accessToken, 1)
  const sign = (change: object, typ = 'JWT') => jwt.sign({ ...claims, ...change }, project.secret, { header: { alg: 'HS256', kid: project.kid, typ } })
  expect((await verified(base, sign({}))).status).toBe(200)
  // What we did not say ourselves is not good, whoever holds the secret.
  expect((await verified(base, sign({ aud: ['elsewhere', 'https://api.bakery.test'] }))).status).toBe(401)
  for (const bad of [
    sign({ aud: 'a-client-id' }),
    sign({ aud: [] }),
    sign({ nonce: 'n' }),
    sign({ at_hash: 'h' }),
    sign({}, 'logout+jwt'),
    sign({}, 'mfa+jwt'),
  ]) {
    for (const answer of [await verified(base, bad), await call(`${base}/user`, { token: bad })]) {
      expect([answer.status, answer.body.error.code]).toEqual([401, 'invalid_token'])
    }
  }
})
