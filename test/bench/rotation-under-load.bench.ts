import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { verifyThroughRotations } from '../faults/rotation.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'

/** «Rotating the secret breaks my app»: 200 verifies a second over two data-plane processes while the secret is rotated every 20 s. */
const VERIFIES = Number(process.env['BENCH_VERIFIES'] ?? 100_000)
const RATE_PER_SECOND = Number(process.env['BENCH_RATE'] ?? 200)
const API_KEY = `msk_test_${'b'.repeat(43)}`

let database: TestDatabase
let control: AppProcess
let planes: AppProcess[]

beforeAll(async () => {
  database = await createTestDatabase()
  const ports = [await freePort(), await freePort()]
  const env = {
    DATABASE_URL: database.url,
    PORTICO_MASTER_KEY: inject('servers').masterKey,
    PORTICO_BOOTSTRAP_API_KEY: API_KEY,
    DATA_PLANE_PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
    PORTICO_LOG_LEVEL: 'warn',
  }
  control = await startApp('control-plane', { env })
  planes = await Promise.all(ports.map((port) => startApp('data-plane', { env, port })))
})
afterAll(async () => {
  await Promise.all([control, ...planes].map((app) => app.stop()))
  await database.drop()
})

test(`${VERIFIES} verifies with a rotation every 20 s`, async () => {
  const tally = await verifyThroughRotations({
    controlUrl: control.url,
    planeUrls: planes.map((plane) => plane.url),
    apiKey: API_KEY,
    verifies: VERIFIES,
    ratePerSecond: RATE_PER_SECOND,
  })
  process.stdout.write(`${JSON.stringify({ ...tally, unexpected: tally.unexpected.slice(0, 5) })}\n`)
  for (const plane of planes)
    process.stdout.write(
      plane.logs
        .slice(0, 3)
        .concat(plane.logs.slice(-2))
        .map((line) => line.slice(0, 1500))
        .join('\n') + '\n',
    )
  expect(tally.unexpected.slice(0, 3)).toEqual([])
  expect(tally).toMatchObject({ refusedThoughValid: 0, deadAccepted: 0, unknownToReaderOfAll: 0, unknownToReaderOfOne: 0 })
  expect(tally.shownToReaderOfOne).toBeGreaterThan(0)
  // The first key runs out only after its last token: a shorter run has none to try.
  if (VERIFIES > RATE_PER_SECOND * 180) expect(tally.deadTried).toBeGreaterThan(500)
})
