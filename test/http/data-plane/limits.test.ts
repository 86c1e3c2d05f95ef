import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, createTestProject, PASSWORD, signUp, startDataPlane, type RunningDataPlane } from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { testRedisUrl } from '../../support/redis.js'

const redisUrl = testRedisUrl()

describe.each([
  { store: 'postgres', url: null },
  { store: 'redis', url: redisUrl },
])('limits counted in $store', ({ store, url }) => {
  let database: TestDatabase
  let planes: RunningDataPlane[] = []

  beforeAll(async () => {
    database = await createTestDatabase()
    planes = [await startDataPlane(database, { redisUrl: url }), await startDataPlane(database, { redisUrl: url })]
  })

  afterAll(async () => {
    for (const plane of planes) await plane.close()
    await database?.drop()
  })

  const there = test.skipIf(store === 'redis' && redisUrl === null)
  const project = async (limits: Record<string, { points: number; window_seconds: number }>) =>
    (await createTestProject(database, { settings: { limits } })).path
  const at = (i: number) => planes[i % 2]!.url

  there('guessing one account from many addresses stops, over both instances', async () => {
    const path = await project({ login_account: { points: 3, window_seconds: 60 } })
    const { email } = await signUp(at(0) + path)
    const statuses = []
    for (let i = 0; i < 3; i += 1) {
      for (const plane of planes) plane.clock.advanceSeconds(10)
      statuses.push((await call(`${at(i)}${path}/login`, { body: { email, password: 'wrong wrong wrong' } })).status)
    }
    const full = await call(`${at(0)}${path}/login`, { body: { email, password: PASSWORD } })
    expect([...statuses, full.status]).toEqual([401, 401, 401, 429])
    for (const plane of planes) plane.clock.advanceSeconds(61)
    expect((await call(`${at(1)}${path}/login`, { body: { email, password: PASSWORD } })).status).toBe(200)
  })

  there('trying many accounts from one address stops, and other addresses go on', async () => {
    const path = await project({ login_client: { points: 4, window_seconds: 60 } })
    const { email } = await signUp(at(0) + path)
    const statuses = []
    for (let i = 0; i < 5; i += 1)
      statuses.push(
        (await call(`${at(i)}${path}/login`, { ip: '198.51.100.1', body: { email: `u${i}@example.com`, password: 'wrong wrong wrong' } }))
          .status,
      )
    expect(statuses).toEqual([401, 401, 401, 401, 429])
    expect((await call(`${at(0)}${path}/login`, { ip: '198.51.100.2', body: { email, password: PASSWORD } })).status).toBe(200)
    // One subscriber owns the whole /64.
    const six = []
    for (let i = 0; i < 5; i += 1)
      six.push(
        (
          await call(`${at(i)}${path}/login`, {
            ip: `2001:db8:1:2::${i + 1}`,
            body: { email: `s${i}@example.com`, password: 'wrong wrong wrong' },
          })
        ).status,
      )
    expect(six.at(-1)).toBe(429)
  })

  there('an address is believed only from the trusted hop', async () => {
    const path = await project({ signup_client: { points: 1, window_seconds: 60 } })
    const statuses = []
    for (let i = 0; i < 2; i += 1) {
      statuses.push(
        (
          await call(`${at(i)}${path}/signup`, {
            ip: `6.6.6.${i}, 203.0.113.50`,
            body: { email: `hop${i}@example.com`, password: PASSWORD },
          })
        ).status,
      )
    }
    expect(statuses).toEqual([201, 429])
  })

  there('refresh and verify go on while the login buckets are full', async () => {
    const path = await project({ login_account: { points: 1, window_seconds: 60 }, login_client: { points: 1, window_seconds: 60 } })
    const { email, refreshToken, accessToken } = await signUp(at(0) + path)
    const ip = '198.51.100.9'
    for (let i = 0; i < 3; i += 1) await call(`${at(i)}${path}/login`, { ip, body: { email, password: 'wrong wrong wrong' } })
    expect((await call(`${at(0)}${path}/refresh`, { ip, body: { refresh_token: refreshToken } })).status).toBe(200)
    expect((await call(`${at(0)}${path}/verify`, { ip, body: { token: accessToken } })).status).toBe(200)
  })
})
