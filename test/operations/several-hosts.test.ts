import { connect as dial, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { withCredentials, urlsOfHosts } from '@portico/kernel/database-url'
import { migrate } from '@portico/database/migrate'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../support/admin-client.js'
import { call, createTestProject, PASSWORD, signUp, startDataPlane } from '../support/data-plane.js'
import { createTestDatabase, type TestDatabase } from '../support/postgres.js'
import { freePort } from '../support/redis-server.js'

const PRISMA = fileURLToPath(new URL('../../prisma', import.meta.url))

/** A host of its own that leads to the server, until it is cut off. */
class Host {
  readonly #sockets = new Set<Socket>()
  #server: Server | null = null
  port = 0

  async open(target: URL): Promise<void> {
    this.#server = createServer((socket) => {
      const onward = dial(Number(target.port), target.hostname)
      for (const each of [socket, onward]) {
        this.#sockets.add(each)
        each.on('error', () => undefined)
        each.on('close', () => this.#sockets.delete(each))
      }
      socket.pipe(onward).pipe(socket)
    })
    await new Promise<void>((done) => this.#server!.listen(this.port, '127.0.0.1', done))
    this.port = (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server?.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

let database: TestDatabase
let hosts: Host[] = []
beforeAll(async () => {
  database = await createTestDatabase()
})
afterEach(() => {
  for (const host of hosts.splice(0)) host.close()
})
afterAll(() => database?.drop())

const over = (...ports: number[]): TestDatabase => {
  const url = new URL(database.url)
  const list = ports.map((port) => `127.0.0.1:${port}`).join(',')
  return { ...database, url: `postgresql://${url.username}:${url.password}@${list}${url.pathname}?target_session_attrs=read-write` }
}

async function hostsTo(count: number): Promise<Host[]> {
  hosts = Array.from({ length: count }, () => new Host())
  for (const host of hosts) await host.open(new URL(database.url))
  return hosts
}

test('a URL of several hosts is one for each, with the same credentials, path and parameters', () => {
  const url = 'postgresql://owner:p%40ss@one:5432,two:5433,three/db?target_session_attrs=read-write&sslmode=verify-full'
  expect(urlsOfHosts(url)).toEqual([
    'postgresql://owner:p%40ss@one:5432/db?sslmode=verify-full',
    'postgresql://owner:p%40ss@two:5433/db?sslmode=verify-full',
    'postgresql://owner:p%40ss@three/db?sslmode=verify-full',
  ])
  expect(urlsOfHosts('postgresql://one,two/db?a=1&target_session_attrs=any')).toEqual(['postgresql://one/db?a=1', 'postgresql://two/db?a=1'])
  expect(urlsOfHosts('postgresql://one/db')).toEqual(['postgresql://one/db'])
  expect(withCredentials('postgresql://one,two:1/db?x=y', () => ({ username: 'a@b', password: 'c:d' }))).toBe(
    'postgresql://a%40b:c%3Ad@one,two:1/db?x=y',
  )
})

test('the first host that is there is taken, by migrate and by the services', async () => {
  const [host] = await hostsTo(1)
  const several = over(await freePort(), host!.port)
  expect((await migrate({ url: several.url, prismaDir: PRISMA, rolePasswords: {} })).applied).toEqual([])
  const plane = await startDataPlane(several)
  expect((await call(`${plane.url}/health/ready`)).status).toBe(200)
  await plane.close()
})

test('when a host is lost the next one is taken, and back again: logins go on', async () => {
  const [one, two] = await hostsTo(2)
  const plane = await startDataPlane(over(one!.port, two!.port))
  const project = await createTestProject(database)
  const { email } = await signUp(`${plane.url}${project.path}`)
  const logIn = async () => (await call(`${plane.url}${project.path}/login`, { body: { email, password: PASSWORD } })).status
  for (const [lost, other] of [[one, two], [two, one]] as const) {
    expect(await logIn()).toBe(200)
    lost!.close()
    await expect.poll(logIn, { timeout: 3_000 }).toBe(200)
    expect((await call(`${plane.url}/health/ready`)).status).toBe(200)
    await lost!.open(new URL(database.url))
    expect(other).toBeDefined()
  }
  await plane.close()
})

test('a host that takes no writes is passed over', async () => {
  const standby = await createTestDatabase()
  await withAdmin(standby.url, (client) => client.query(`alter database ${standby.databaseName} set default_transaction_read_only = on`))
  const url = new URL(database.url)
  // One server, two databases: what tells a standby is what its sessions say of themselves.
  const readOnly = new URL(standby.url)
  const { connectToOne } = await import('@portico/postgres/connect-to-one')
  const { Client } = await import('pg')
  const made: string[] = []
  const client = await connectToOne(`postgresql://x:y@${readOnly.host},${url.host}/db`, (each) => {
    made.push(each)
    return new Client({ connectionString: made.length === 1 ? standby.url : database.url })
  })
  expect([made.length, (await client.query('select current_database() as name')).rows[0].name]).toEqual([2, database.databaseName])
  await client.end()
  await standby.drop()
})
