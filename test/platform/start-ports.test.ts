import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'

interface Service {
  name: string
  prefix: string
  host: string
  port: number
  metricsHost?: string
  metricsPort?: number
}
type Env = Record<string, string | undefined>
const { choosePorts, holdPorts, namePublicUrls } = (await import(new URL('../../scripts/start-ports.mjs', import.meta.url).href)) as {
  choosePorts: (services: Service[], env: Env, say: (line: string) => void) => Promise<void>
  holdPorts: (services: Service[]) => Promise<() => Promise<unknown>>
  namePublicUrls: (services: Service[], env: Env) => void
}

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((closed) => server.close(closed))
})

async function occupy(port = 0): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, '127.0.0.1', listening))
  open.push(server)
  return (server.address() as AddressInfo).port
}
const control = (port: number, more: Partial<Service> = {}): Service => ({
  name: 'control plane',
  prefix: 'CONTROL_PLANE',
  host: '127.0.0.1',
  port,
  ...more,
})

test('a taken default port gives way to the next free one, which is said', async () => {
  const port = await occupy()
  const services = [control(port)]
  const env: Env = {}
  const said: string[] = []
  await choosePorts(services, env, (line) => said.push(line))
  const chosen = services[0]!.port
  expect([chosen > port, (chosen - port) % 10, env['CONTROL_PLANE_PORT']]).toEqual([true, 0, String(chosen)])
  expect(said).toEqual([`Port ${port} for the control plane is in use; it is on ${chosen}. Set CONTROL_PLANE_PORT to choose.`])
  namePublicUrls(services, env)
  expect(env['CONTROL_PLANE_PUBLIC_URL']).toBe(`http://localhost:${chosen}`)
  // Free, and not that of a neighbour.
  await occupy(chosen)
})

test('two services that move do not meet', async () => {
  const port = await occupy()
  const services = [control(port), { ...control(port), name: 'data plane', prefix: 'DATA_PLANE' }]
  await choosePorts(services, {}, () => undefined)
  expect(new Set(services.map((service) => service.port)).size).toBe(2)
})

test('a second checkout that starts while the first still builds takes other ports, and the first finds its own free', async () => {
  const [port, metricsPort] = [await occupy(), await occupy()]
  for (const server of open.splice(0)) await new Promise((closed) => server.close(closed))
  const first = [control(port, { metricsHost: '127.0.0.1', metricsPort })]
  await choosePorts(first, {}, () => undefined)
  expect(first[0]!.port).toBe(port)
  const letGo = await holdPorts(first)
  const second = [control(port, { metricsHost: '127.0.0.1', metricsPort })]
  const env: Env = {}
  await choosePorts(second, env, () => undefined)
  expect(second[0]!.port).toBeGreaterThan(port)
  expect(env['CONTROL_PLANE_METRICS_PORT']).toBe('0')
  await letGo()
  await occupy(port)
  await occupy(metricsPort)
})

test('taken metrics are on a free port', async () => {
  const port = await occupy()
  const env: Env = {}
  await choosePorts([control(0, { metricsHost: '127.0.0.1', metricsPort: port })], env, () => undefined)
  expect(env['CONTROL_PLANE_METRICS_PORT']).toBe('0')
})

test.each<[string, Env]>([
  ['the port', { CONTROL_PLANE_PORT: 'x' }],
  ['the public address', { CONTROL_PLANE_PUBLIC_URL: 'http://localhost:4000' }],
  ['production', { PORTICO_ENV: 'production' }],
])('what is told to others does not move: %s', async (_what, env) => {
  const port = await occupy()
  await expect(choosePorts([control(port)], env, () => undefined)).rejects.toThrow(`Port ${port} for the control plane is in use.`)
})

test('a public address that the environment names stays, and one for others is not named localhost', () => {
  const env: Env = { CONTROL_PLANE_PUBLIC_URL: 'https://control.example' }
  namePublicUrls([control(4000), { ...control(4100, { host: '0.0.0.0' }), prefix: 'DATA_PLANE' }], env)
  expect(env).toEqual({ CONTROL_PLANE_PUBLIC_URL: 'https://control.example' })
})
