import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@portico/http/request-log'
import type { DomainDns } from '@portico/platform/domains/domain-dns'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startWorker, type Worker } from '../../apps/worker/wiring.js'
import { startControlPlane, makeProject, type TestControlPlane } from '../support/control-plane.js'
import { startDataPlane, type RunningDataPlane } from '../support/data-plane.js'
import { workerConfig } from '../support/mail-fixture.js'
import { freePort } from '../support/redis-server.js'
import { QUICK_FEED_MS } from '../support/quick-feed.js'

const SECRET = 'a'.repeat(64)
const ROOT = new URL('../../', import.meta.url).pathname
const caddyIsThere = spawnSync('caddy', ['version']).status === 0

/** What the world's DNS says. */
const zone = { txt: new Map<string, string[]>(), cname: new Map<string, string>() }
const dns: DomainDns = {
  txt: async (name) => zone.txt.get(name) ?? [],
  pointsTo: async (hostname, target) => zone.cname.get(hostname) === target,
}

let control: TestControlPlane
let data: RunningDataPlane
let worker: Worker
beforeAll(async () => {
  control = await startControlPlane({ overrides: { domainDns: dns }, config: { dataPlanePublicUrl: 'https://auth.test.example' } })
  data = await startDataPlane(control.database, { publicUrl: 'https://auth.test.example', tlsAskSecret: SECRET })
  worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    config: workerConfig(control.database, { DATA_PLANE_PUBLIC_URL: 'https://auth.test.example' }),
    logger: createLogger({ service: 'worker', level: 'silent' }),
    printLine: () => undefined,
    ownDomainsMs: 100,
    dns,
  })
})
afterAll(async () => {
  for (const step of worker?.stopSteps ?? []) await step.run()
  await data?.close()
  await control?.stop()
})

/** Announces a domain and publishes what the answer says. */
async function publish(projectId: string, hostname: string): Promise<string> {
  const { data: domain } = (await control.call('POST', `projects/${projectId}/domains`, { hostname })).body
  for (const record of domain.records) {
    if (record.type === 'TXT') zone.txt.set(record.name, [record.value])
    else zone.cname.set(record.name, record.value)
  }
  return domain.id as string
}

const list = async (projectId: string) => (await control.call('GET', `projects/${projectId}/domains`)).body.data[0]
const ask = async (query: string, headers: Record<string, string> = {}) => (await fetch(`${data.url}/internal/tls-ask?${query}`, { headers })).status

describe('the question of the proxy', () => {
  test('is answered yes for a proved domain of a project that serves, by whatever name it is written', async () => {
    const id = await makeProject(control, { enable: true })
    await publish(id, 'auth.asked.example')
    expect(await ask('domain=auth.asked.example')).toBe(404)
    await expect.poll(() => ask('domain=auth.asked.example'), { timeout: 5_000, interval: 50 }).toBe(200)
    expect(await ask('domain=AUTH.Asked.example.')).toBe(200)
    const others = ['asked.example', 'x.auth.asked.example', 'auth.asked.example:443', 'auth.test.example', '127.0.0.1', '']
    for (const other of [...others, 'a&domain=auth.asked.example'])
      expect([other, await ask(`domain=${other}`)]).toEqual([other, 404])
    await control.call('DELETE', `projects/${id}/auth`)
    await expect.poll(() => ask('domain=auth.asked.example'), { timeout: 3_000, interval: 50 }).toBe(404)
  })

  test.each([
    ['a proxy on this machine brings a stranger', { 'x-forwarded-for': '198.51.100.7' }, ''],
    ['the same in the form of RFC 7239', { forwarded: 'for=198.51.100.7' }, ''],
    ['a wrong secret does not help', { 'x-forwarded-for': '198.51.100.7' }, `&secret=${'b'.repeat(64)}`],
    ['two secrets are none', { 'x-forwarded-for': '198.51.100.7' }, `&secret=${SECRET}&secret=${SECRET}`],
  ])('is not answered to others: %s', async (_what, headers, more) => {
    const id = await makeProject(control, { enable: true })
    const hostname = `${id.slice(5)}.example`
    await publish(id, hostname)
    await expect.poll(() => ask(`domain=${hostname}`), { timeout: 5_000, interval: 50 }).toBe(200)
    expect(await ask(`domain=${hostname}${more}`, headers)).toBe(404)
    expect(await ask(`domain=${hostname}&secret=${SECRET}`, headers)).toBe(200)
  })
})

// `.ci/run` and `npm test` install Caddy like the other tools; where it is not to be had, the last line of the run says so.
describe.runIf(caddyIsThere)(`with the repository’s Caddyfile in a real Caddy${caddyIsThere ? '' : ' (skipped: not on this machine)'}`, () => {
  let folder: string
  let caddy: ChildProcess
  let https: number
  let log = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portico-caddy-'))
    https = await freePort()
    const http = await freePort()
    const inside = new URL(data.url).host
    const text = (await readFile(join(ROOT, 'Caddyfile'), 'utf8'))
      // Its own authority instead of a public one, ports of its own, nothing outside the folder.
      .replace('{\n', `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\thttp_port ${http}\n\thttps_port ${https}\n\tstorage file_system ${folder}/data\n`)
      .replace('\temail {$ACME_EMAIL}\n', '')
      .replaceAll('data-plane:4100', inside)
      .replaceAll('control-plane:4000', new URL(control.url).host)
    await writeFile(join(folder, 'Caddyfile'), text)
    caddy = spawn('caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], {
      env: {
        ...process.env,
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        CONTROL_DOMAIN: 'control.test.example',
        AUTH_DOMAIN: 'auth.test.example',
        TLS_ASK_SECRET: SECRET,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    caddy.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
    const health = async () => expect((await at('auth.test.example', '/health/live')).status).toBe(404)
    await vi.waitFor(health, { timeout: 15_000, interval: 100 })
  }, 30_000)
  afterAll(async () => {
    if (caddy?.exitCode === null) {
      const gone = new Promise((resolve) => caddy.once('exit', resolve))
      caddy.kill('SIGTERM')
      await gone
    }
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** Over TLS, held against Caddy's authority. `status` 0: no certificate for this name. */
  async function at(host: string, path: string): Promise<{ status: number; body: string }> {
    const ca = await readFile(join(folder, 'data/pki/authorities/local/root.crt')).catch(() => undefined)
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: https, servername: host, path, headers: { host }, ca, agent: false }
      const request = httpsRequest(options, (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      })
      request.on('error', () => resolve({ status: 0, body: '' }))
      request.setTimeout(10_000, () => request.destroy())
      request.end()
    })
  }

  test('from the DNS records to the first answer under its own certificate it takes seconds, and nothing is restarted', async () => {
    const id = await makeProject(control, { enable: true })
    const before = performance.now()
    await publish(id, 'auth.brand.example')
    await expect.poll(async () => (await at('auth.brand.example', '/settings')).status, { timeout: 20_000, interval: 200 }).toBe(200)
    expect(performance.now() - before).toBeLessThan(20_000)
    expect(JSON.parse((await at('auth.brand.example', '/settings')).body).project_id).toBe(id)
    expect(await list(id)).toMatchObject({ state: 'serving', main: true })
    // The other addresses of the installation answer as before, and the inside stays inside.
    expect((await at('auth.test.example', `/${id}/settings`)).status).toBe(200)
    for (const path of ['/internal/tls-ask?domain=auth.brand.example', `/internal/tls-ask?domain=auth.brand.example&secret=${SECRET}`, '/health/live'])
      expect([path, (await at('auth.brand.example', path)).status]).toEqual([path, 404])
  }, 40_000)

  test('a name that nobody has proved gets no certificate, nor one whose project is gone', async () => {
    const id = await makeProject(control, { enable: true })
    const { id: domain } = (await control.call('POST', `projects/${id}/domains`, { hostname: 'auth.claimed.example' })).body.data
    expect((await at('auth.claimed.example', '/settings')).status).toBe(0)
    expect((await at('stranger.example', '/settings')).status).toBe(0)
    expect((await control.call('POST', `projects/${id}/domains/${domain}/verify`)).status).toBe(422)
    expect(log).not.toContain(SECRET)
  })
})
