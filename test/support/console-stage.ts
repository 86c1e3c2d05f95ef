import { randomBytes } from 'node:crypto'
import { createTestDatabase, testMasterKey } from './postgres.js'
import { startApp } from './processes.js'
import { freePort } from './redis-server.js'

export interface ConsoleStage {
  /** Of the control plane, under the name that a browser uses. */
  origin: string
  key: string
  /** The platform API with that key; throws what is not 2xx. */
  api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>
  /** Another control plane on the same database, such as one that is opened otherwise; answers its origin. */
  beside(env: Record<string, string>, port?: number): Promise<string>
  databaseUrl: string
  /** Of the data plane, whose sign-in page stands beside the console. */
  dataPlane: string
  /** A sign-up as an app does it, with the browser it says it is. */
  signUp(authUrl: string, email: string, userAgent?: string): Promise<void>
  stop(): Promise<void>
}

const CHROME = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36'

/** The three built processes on a database of their own, console open as it is in development. */
export async function startConsoleStage(env: Record<string, string> = {}): Promise<ConsoleStage> {
  const database = await createTestDatabase()
  const key = `msk_test_${randomBytes(32).toString('base64url')}`
  const [controlPort, dataPort] = [await freePort(), await freePort()]
  const all = {
    DATABASE_URL: database.url,
    PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
    CONTROL_PLANE_PUBLIC_URL: `http://localhost:${controlPort}`,
    DATA_PLANE_PUBLIC_URL: `http://localhost:${dataPort}`,
    // Webhooks and issuers of the tests are on this machine.
    PORTICO_ALLOW_LOOPBACK_PROVIDERS: '1',
    ...env,
  }
  const apps = await Promise.all([
    startApp('control-plane', { env: { ...all, PORTICO_BOOTSTRAP_API_KEY: key }, port: controlPort }),
    startApp('data-plane', { env: all, port: dataPort }),
    startApp('worker', { env: all }),
  ])
  const origin = `http://localhost:${controlPort}`
  return {
    origin,
    key,
    databaseUrl: database.url,
    dataPlane: `http://localhost:${dataPort}`,
    async beside(changed, wanted) {
      const port = wanted ?? (await freePort())
      const url = `http://localhost:${port}`
      apps.push(await startApp('control-plane', { env: { ...all, CONTROL_PLANE_PUBLIC_URL: url, ...changed }, port }))
      return url
    },
    async api<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${origin}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return (JSON.parse(text) as { data: T }).data
    },
    async signUp(authUrl, email, userAgent = CHROME) {
      const response = await fetch(`${authUrl}/signup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': userAgent },
        body: JSON.stringify({ email, password: 'a long enough sentence 7' }),
      })
      if (!response.ok) throw new Error(`sign-up of ${email}: ${response.status} ${await response.text()}`)
    },
    async stop() {
      await Promise.all(apps.map((app) => app.stop()))
      await database.drop()
    },
  }
}
