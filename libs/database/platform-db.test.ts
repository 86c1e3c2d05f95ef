import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from '../../test/faults/fault-proxy.js'
import { createTestDatabase, type TestDatabase } from '../../test/support/postgres.js'
import { openPlatformDb } from './platform-db.js'

let database: TestDatabase
let proxy: FaultProxy
let url: string
beforeAll(async () => {
  database = await createTestDatabase()
  const target = new URL(database.roleUrl('portico_control'))
  proxy = await startFaultProxy({ host: target.hostname, port: Number(target.port) })
  target.host = `127.0.0.1:${proxy.port}`
  url = target.href
})
afterAll(async () => {
  await proxy.close()
  await database.drop()
})

// «Ready» and «terminated» in one packet: the caller that asked for the connection has had no time to listen for its end.
test.each([1, 2, 3])('a connection that PostgreSQL ends with its answer %i refuses the transaction and does not end the process', async (answer) => {
  const db = openPlatformDb({ connectionString: url }, { poolSize: 2 })
  const work = () => db.$transaction(async (tx) => [await tx.project.count(), await tx.project.count()])
  proxy.set({ kind: 'terminate_with', answer })
  await expect(work()).rejects.toThrow()
  proxy.set({ kind: 'none' })
  await expect(work()).resolves.toEqual([0, 0])
  await db.$disconnect()
})
