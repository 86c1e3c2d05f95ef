import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { afterAll, expect, test } from 'vitest'
import { createTestProject, signUp } from '../support/data-plane.js'
import { startCollector } from '../support/otlp-collector.js'
import { createTestDatabase, testMasterKey } from '../support/postgres.js'
import { startApp, type AppProcess } from '../support/processes.js'

/** Promised: what a request costs more in processor time when every one of them is traced. */
const MOST_MICROSECONDS = 30
const REQUESTS = 8_000
const ROUNDS = 5
const CONNECTIONS = 8
/** `USER_HZ`: a unit of /proc/<pid>/stat. */
const TICK_US = 10_000

const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop()
})

/** Processor time of a process since it began, user and system, in microseconds. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

const residentMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

async function load(url: string, path: string, body: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let left = REQUESTS
  const one = () =>
    new Promise<void>((done, fail) => {
      const sent = request(`${url}${path}`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (answer) => {
        answer.resume().on('end', () => (answer.statusCode === 200 ? done() : fail(new Error(`answered ${answer.statusCode}`))))
      })
      sent.on('error', fail).end(body)
    })
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await one()
    }),
  )
  agent.destroy()
}

test('what traces cost', async () => {
  const database = await createTestDatabase()
  const collector = await startCollector()
  stops.push(() => database.drop(), () => collector.close())
  const project = await createTestProject(database)
  const env = {
    DATABASE_URL: database.url,
    PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
    PORTICO_LOG_LEVEL: 'warn',
    // The token of one is good at the others.
    DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
  }
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const tenth = { ...traced, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }
  const apps: [string, AppProcess][] = []
  for (const [name, more] of [['off', {}], ['all', traced], ['a tenth', tenth]] as const) {
    const app = await startApp('data-plane', { env: { ...env, ...more } })
    apps.push([name, app])
    stops.push(() => app.stop())
  }
  const { accessToken } = await signUp(apps[0]![1].url + project.path)
  const body = JSON.stringify({ token: accessToken })
  const path = `${project.path}/verify`
  const spent = new Map<string, number[]>()
  // One round for each in turn, so that the machine's moods meet all of them; the first is for the compiler.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, app] of apps) {
      const before = processorTime(app.pid)
      await load(app.url, path, body)
      if (round > 0) spent.set(name, [...(spent.get(name) ?? []), (processorTime(app.pid) - before) / REQUESTS])
      collector.bodies.length = 0
    }
  }
  const median = (name: string) => spent.get(name)!.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!
  const rows = apps.map(([name, app]) => {
    const more = median(name) - median('off')
    return `| ${name} | ${median(name).toFixed(1)} µs | ${name === 'off' ? '' : `+${more.toFixed(1)} µs`} | ${residentMb(app.pid).toFixed(0)} MB |`
  })
  console.log(['| traces of `/verify` | processor time of a request | more | memory |', '| --- | ---: | ---: | ---: |', ...rows].join('\n'))
  expect(median('all') - median('off')).toBeLessThanOrEqual(MOST_MICROSECONDS)
})
