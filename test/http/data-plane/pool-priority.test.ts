import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js'
import { startApp, type AppProcess } from '../../support/processes.js'

let database: TestDatabase
let plane: AppProcess
beforeAll(async () => {
  database = await createTestDatabase()
  plane = await startApp('data-plane', { env: { DATABASE_URL: database.url, PORTICO_MASTER_KEY: inject('servers').masterKey, DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100', PORTICO_LOG_LEVEL: 'warn' } })
})
afterAll(async () => {
  await plane?.stop()
  await database?.drop()
})

test.runIf(process.platform === 'linux')('hashing gives way to the event loop from the first request on', () => {
  const niceness = (thread: string) => Number(readFileSync(`/proc/${plane.pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ')[16])
  const all = readdirSync(`/proc/${plane.pid}/task`)
  expect(all.filter((thread) => niceness(thread) === 10)).toHaveLength(4)
  expect(niceness(String(plane.pid))).toBe(0)
})
