import { request as httpRequest } from 'node:http'
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2'
import { PasswordHasher } from '@portico/crypto/password-hasher'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  call,
  createTestProject,
  PASSWORD,
  signUp,
  startDataPlane,
  type RunningDataPlane,
  type TestProject,
} from '../../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'

let database: TestDatabase
let plane: RunningDataPlane
let project: TestProject
let computed: string[] = []
let gate: Promise<void> = Promise.resolve()

const hasher = new PasswordHasher({
  maxInFlight: 1,
  engine: {
    hash: async (password) => {
      computed.push(password)
      await gate
      return argon2Hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
    },
    verify: async (hash, password) => {
      computed.push(password)
      await gate
      return argon2Verify(hash, password)
    },
  },
})

beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startDataPlane(database, { hasher })
  project = await createTestProject(database)
})

afterAll(async () => {
  await plane?.close()
  await database?.drop()
})

test('nothing is computed for a login or a sign-up whose client has gone while it waited', async () => {
  const base = plane.url + project.path
  const { email } = await signUp(base)
  computed = []
  let open: () => void = () => undefined
  gate = new Promise((resolve) => (open = resolve))
  const first = call(`${base}/login`, { body: { email, password: PASSWORD } })
  await expect.poll(() => hasher.stats().inFlight).toBe(1)

  const leaving = new AbortController()
  const post = (path: string, body: unknown) =>
    new Promise((resolve) => {
      const request = httpRequest(
        `${base}/${path}`,
        { method: 'POST', agent: false, headers: { 'content-type': 'application/json' }, signal: leaving.signal },
        () => resolve('answered'),
      )
      request.on('error', () => resolve('gone'))
      request.end(JSON.stringify(body))
    })
  const gone = [
    post('login', { email, password: 'a guess nobody waits for' }),
    post('signup', { email: 'left@example.com', password: 'a phrase nobody waits for' }),
  ]
  const last = call(`${base}/login`, { body: { email, password: PASSWORD } })
  await expect.poll(() => hasher.stats().waiting).toBe(3)
  leaving.abort()
  expect(await Promise.all(gone)).toEqual(['gone', 'gone'])
  await expect.poll(() => hasher.stats().waiting).toBe(1)

  open()
  expect((await first).status).toBe(200)
  expect((await last).status).toBe(200)
  expect(computed).toEqual([PASSWORD, PASSWORD])
  expect(hasher.stats()).toMatchObject({ inFlight: 0, waiting: 0, refused: 0 })
})
