import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeProject, startControlPlane, type TestControlPlane } from '../support/control-plane.js'
import { testMasterKey } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'

// `DATA_PLANE_PROCESSES=2` as production runs it: built, on one port.
const PASSWORD = 'correct horse battery 9!'

let control: TestControlPlane
let project: string
beforeAll(async () => {
  control = await startControlPlane()
  project = await makeProject(control, { enable: true })
})
afterAll(() => control?.stop())

interface Answer {
  status: number
  body: { access_token: string; error: { code: string } }
}

/** A connection of its own, kept. */
function connection(app: AppProcess) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const send = (method: string, path: string, options: { body?: object; token?: string } = {}): Promise<Answer> =>
    new Promise((done, fail) => {
      const headers = { 'content-type': 'application/json', ...(options.token && { authorization: `Bearer ${options.token}` }) }
      const sent = request(`${app.url}${path}`, { method, agent, headers }, (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += chunk))
        answer.on('end', () => done({ status: answer.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }))
        answer.on('error', fail)
      })
      sent.once('error', fail).end(method === 'GET' ? undefined : JSON.stringify(options.body ?? {}))
    })
  return { send, close: () => agent.destroy() }
}

async function withProcesses(work: (app: AppProcess, metricsUrl: string) => Promise<void>): Promise<void> {
  const metricsPort = await freePort()
  const app = await startApp('data-plane', {
    env: {
      DATABASE_URL: control.database.url,
      PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      DATA_PLANE_PROCESSES: '2',
      DATA_PLANE_METRICS_PORT: String(metricsPort),
    },
  })
  try {
    await work(app, `http://127.0.0.1:${metricsPort}/metrics`)
  } finally {
    await app.stop()
  }
}

const children = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
const ended = (app: AppProcess): string[] => app.logs.filter((line) => line.includes('a process of the data plane ended'))
const sockets = (pid: number): number =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length

/** Two connections, each to another process: whoever is free accepts, so a few are tried. */
async function oneOfEach(app: AppProcess) {
  const pids = children(app.pid)
  const found = new Map<number, ReturnType<typeof connection>>()
  for (let tries = 0; found.size < pids.length && tries < 100; tries += 1) {
    const before = pids.map(sockets)
    const one = connection(app)
    await one.send('GET', '/health/live')
    const at = pids.findIndex((pid, n) => sockets(pid) > before[n]!)
    if (at >= 0 && !found.has(at)) found.set(at, one)
  }
  expect(found.size).toBe(pids.length)
  return [...found.values()] as [ReturnType<typeof connection>, ReturnType<typeof connection>]
}

const figure = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(url)).text()
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1])
}

test('a logout at one process counts at the other within a second, and their figures are shown as one', async () => {
  await withProcesses(async (app, metricsUrl) => {
    await app.waitForLog(/"msg":"data plane ready"/)
    expect(children(app.pid)).toHaveLength(2)
    const [here, there] = await oneOfEach(app)
    const body = { email: 'two@example.com', password: PASSWORD }
    const signedUp = await here.send('POST', `/${project}/signup`, { body })
    expect(signedUp.status).toBe(201)
    const { access_token: token } = signedUp.body
    const verifyThere = async () => (await there.send('POST', `/${project}/verify`, { body: { token } })).status
    expect(await verifyThere()).toBe(200)
    expect((await here.send('POST', `/${project}/logout`, { token })).status).toBe(200)
    expect((await here.send('POST', `/${project}/verify`, { body: { token } })).status).toBe(401)
    const endedAt = performance.now()
    while ((await verifyThere()) !== 401) {
      expect(performance.now() - endedAt).toBeLessThan(1_000)
      await sleep(10)
    }
    expect(await figure(metricsUrl, 'portico_processes')).toBe(2)
    expect(await figure(metricsUrl, 'portico_change_feed_heard')).toBe(1)
    const text = await (await fetch(metricsUrl)).text()
    const refusals = /http_requests_total\{[^}]*route="\/auth\/verify"[^}]*status="401"[^}]*\} (\d+)/.exec(text)?.[1]
    // One at the process of the logout, one at the other.
    expect(Number(refusals)).toBe(2)
    for (const one of [here, there]) one.close()
  })
})

test('a process that is killed is replaced, and what it was not working on is not refused', async () => {
  await withProcesses(async (app, metricsUrl) => {
    await app.waitForLog(/"msg":"data plane ready"/)
    for (let round = 1; round <= 3; round += 1) {
      // The port is open as long as one of them listens: the successor of the last round has to, before the next one is killed.
      await expect.poll(() => figure(metricsUrl, 'portico_processes'), { timeout: 10_000 }).toBe(2)
      const before = children(app.pid)
      process.kill(before[0]!, 'SIGKILL')
      // Until its last thread is gone it may take one more connection.
      await expect.poll(() => ended(app).length, { timeout: 10_000, interval: 1 }).toBe(round)
      // New connections, as a balancer makes them, while its successor is not there yet.
      for (let i = 0; i < 40; i += 1) {
        const fresh = connection(app)
        expect((await fresh.send('GET', '/health/ready')).status).toBe(200)
        fresh.close()
        await sleep(5)
      }
      await expect.poll(() => figure(metricsUrl, 'portico_process_restarts'), { timeout: 10_000 }).toBe(round)
      await expect.poll(() => children(app.pid).filter((pid) => !before.includes(pid)).length, { timeout: 10_000 }).toBe(1)
    }
  })
})

test('SIGTERM finishes what is in work in every process and ends with 0', async () => {
  await withProcesses(async (app) => {
    await app.waitForLog(/"msg":"data plane ready"/)
    const connections = Array.from({ length: 8 }, () => connection(app))
    // Hashing takes longer than the signal.
    const signUps = connections.map((one, n) =>
      one.send('POST', `/${project}/signup`, { body: { email: `drain${n}.${app.pid}@example.com`, password: PASSWORD } }))
    await sleep(15)
    const stoppedAt = performance.now()
    const code = app.stop()
    for (const answer of await Promise.all(signUps)) expect(answer.status).toBe(201)
    expect(await code).toBe(0)
    expect(performance.now() - stoppedAt).toBeLessThan(15_000)
    expect(app.logs.filter((line) => line.includes('"msg":"stopped"') && line.includes('"clean":true'))).toHaveLength(3)
  })
})

test('a signal to every process of the group, as a terminal and systemd send it, is one signal', async () => {
  await withProcesses(async (app) => {
    await app.waitForLog(/"msg":"data plane ready"/)
    const group = [...children(app.pid), app.pid]
    for (const pid of group) process.kill(pid, 'SIGTERM')
    expect([await app.exited, app.logs.filter((line) => !line.includes("\"level\":\"info\""))]).toEqual([0, []])
  })
})

test('a start that cannot succeed ends at once, as that of one process does', async () => {
  const taken = await startApp('data-plane', {
    env: { DATABASE_URL: control.database.url, PORTICO_MASTER_KEY: testMasterKey().toString('base64') },
  })
  try {
    const second = await startApp('data-plane', {
      port: taken.port,
      env: { DATABASE_URL: control.database.url, PORTICO_MASTER_KEY: testMasterKey().toString('base64'), DATA_PLANE_PROCESSES: '2' },
      waitUntilReady: false,
    })
    expect(await second.exited).toBe(1)
    expect(second.logs.join('\n')).toContain('the data plane could not start')
  } finally {
    await taken.stop()
  }
})
