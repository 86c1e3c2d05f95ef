import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, type Answer, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

/**
 * RFC 6750, 3: a refused token is named as such; a request without one gets the bare challenge, and so does a wrong password beside a good
 * token.
 */
let database: TestDatabase
let plane: RunningDataPlane
let base: string

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database)
  base = plane.url + (await createTestProject(database, { settings: { mfa: 'optional' } })).path
})
afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

const said = (answer: Answer) => [answer.status, answer.headers.get('www-authenticate')]
const REFUSED = [401, 'Bearer error="invalid_token"']
const BARE = [401, 'Bearer']

test('every route of a signed-in person, without a token, with a wrong one, and with one whose session is over', async () => {
  const routes = plane.routes.filter(({ access, method }) => access === 'session' && method !== 'HEAD')
  expect(routes.length).toBeGreaterThan(15)
  const { accessToken } = await signUp(base)
  await call(`${base}/logout`, { method: 'POST', token: accessToken })
  for (const { method, path } of routes) {
    const url = base + path.replace(/^\/auth(?=\/)/, '').replace(/:(\w+)/g, () => randomUUID())
    const ask = async (token?: string) => [`${method} ${path}`, ...said(await call(url, { method, ...(token !== undefined && { token }) }))]
    expect(await ask()).toEqual([`${method} ${path}`, ...BARE])
    expect(await ask('nonsense')).toEqual([`${method} ${path}`, ...REFUSED])
    expect(await ask(accessToken)).toEqual([`${method} ${path}`, ...REFUSED])
  }
})

describe('tokens in the body', () => {
  test.each([
    ['verify', { token: 'x' }],
    ['refresh', { refresh_token: 'x'.repeat(43) }],
    ['logout', { refresh_token: 'x'.repeat(43) }],
  ])('%s %j', async (path, body) => {
    const answer = await call(`${base}/${path}`, { body })
    if (answer.status === 401) expect(said(answer)).toEqual(REFUSED)
    else expect(answer.status).toBe(200)
  })

  test.each(['verify', 'refresh'])('%s without any', async (path) => {
    const answer = await call(`${base}/${path}`, { method: 'POST', body: {} })
    if (answer.status === 401) expect(said(answer)).toEqual(BARE)
    else expect(answer.status).toBe(422)
  })
})

test('a wrong password is not a wrong token', async () => {
  const { accessToken, email } = await signUp(base)
  expect(said(await call(`${base}/login`, { body: { email, password: 'another one entirely' } }))).toEqual(BARE)
  const answer = await call(`${base}/password`, {
    token: accessToken,
    body: { current_password: 'another one entirely', password: `${PASSWORD} 2` },
  })
  expect(said(answer)).toEqual(BARE)
})
