import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { call, createTestProject, PASSWORD, type TestProject } from '../support/data-plane.js'
import { startFakeResend, type FakeResend } from '../support/fake-resend.js'
import { startCollector, type CollectedSpan, type OtlpCollector } from '../support/otlp-collector.js'
import { createTestDatabase, testMasterKey, type TestDatabase } from '../support/postgres.js'
import { startApp, type AppName, type AppProcess } from '../support/processes.js'
import { freePort } from '../support/redis-server.js'
import { startReceiver } from '../support/webhook-receiver.js'

// As production runs them: what sends traces is loaded by the bundles, and only when it is asked for.
let database: TestDatabase
let collector: OtlpCollector
let resend: FakeResend
let project: TestProject
const apps = new Map<AppName, AppProcess>()
const metricsUrls = new Map<AppName, string>()

beforeAll(async () => {
  ;[database, collector, resend] = await Promise.all([createTestDatabase(), startCollector(), startFakeResend()])
  project = await createTestProject(database)
  await Promise.all((['control-plane', 'data-plane', 'worker'] as const).map(start))
})

afterAll(async () => {
  await Promise.all([...apps.values()].map((app) => app.stop()))
  await Promise.all([collector?.close(), resend?.close()])
  await database?.drop()
})

const API_KEY = `msk_test_${'o'.repeat(43)}`

async function start(name: AppName): Promise<void> {
  const metricsPort = await freePort()
  const app = await startApp(name, {
    env: {
      DATABASE_URL: database.url,
      PORTICO_MASTER_KEY: testMasterKey().toString('base64'),
      DATA_PLANE_PUBLIC_URL: 'http://127.0.0.1:4100',
      RESEND_API_KEY: resend.apiKey,
      RESEND_FROM_APP_AUTH: 'no-reply@example.com',
      RESEND_BASE_URL: resend.url,
      [name === 'control-plane' ? 'CONTROL_PLANE_METRICS_PORT' : 'DATA_PLANE_METRICS_PORT']: String(metricsPort),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      PORTICO_BOOTSTRAP_API_KEY: API_KEY,
      PORTICO_ALLOW_LOOPBACK_PROVIDERS: 'true',
      PORTICO_METRICS_TOP_PROJECTS: '5',
    },
  })
  apps.set(name, app)
  metricsUrls.set(name, name === 'worker' ? `${app.url}/metrics` : `http://127.0.0.1:${metricsPort}/metrics`)
}

const TRACE = 'a1b2c3d4e5f60718293a4b5c6d7e8f90'
const CALLER = '00f067aa0ba902b7'

const named = (spans: CollectedSpan[], name: string): CollectedSpan => {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join(', ')}`)
  return found
}

test('a sign-up is one trace, from the caller over hash and statement to the mail that the worker sends', async () => {
  const email = 'traced.person@example.com'
  const base = apps.get('data-plane')!.url + project.path
  const headers = { traceparent: `00-${TRACE}-${CALLER}-01` }
  expect((await call(`${base}/signup`, { body: { email, password: PASSWORD }, headers })).status).toBe(201)
  await resend.waitForMail(({ to }) => to.includes(email))
  const whole = () => collector.spans().filter(({ traceId }) => traceId === TRACE)
  await expect.poll(() => whole().map(({ name }) => name).toSorted()).toEqual(
    expect.arrayContaining(['POST /auth/signup', 'mail confirm_email', 'password hash', 'sender', 'sign_up']),
  )
  const spans = whole()
  const request = named(spans, 'POST /auth/signup')
  expect(request).toMatchObject({ service: 'portico-data-plane', parentSpanId: CALLER, failed: false })
  expect(request.attributes).toMatchObject({ 'http.route': '/auth/signup', 'portico.project_id': project.id })
  expect(request.events).toEqual([{ name: 'sign_in', attributes: { method: 'sign_up', outcome: 'succeeded' } }])
  expect(named(spans, 'password hash').parentSpanId).toBe(request.spanId)
  const statement = named(spans, 'sign_up')
  expect(statement).toMatchObject({ parentSpanId: request.spanId, attributes: { 'db.system.name': 'postgresql' } })
  // The row was written by that statement, so that is what the mail follows from.
  const mail = named(spans, 'mail confirm_email')
  expect(mail).toMatchObject({ service: 'portico-worker', attributes: { 'portico.project_id': project.id } })
  expect(spans.map(({ spanId }) => spanId)).toContain(mail.parentSpanId)
  expect(named(spans, 'sender').parentSpanId).toBe(mail.spanId)
})

test('what an app is asked, and what it is told of a sign-up and a login, belongs to the trace of the request', async () => {
  const control = apps.get('control-plane')!.url
  const api = async (method: string, path: string, body: unknown) =>
    (await call(`${control}/api/v1/${path}`, { method, body, headers: { authorization: `Bearer ${API_KEY}` } })).body.data
  const receiver = await startReceiver(() => ({ status: 200, body: '{"decision":"allow"}' }))
  const { id } = await api('POST', 'projects', { name: 'Told' })
  await api('POST', `projects/${id}/auth`, {})
  await api('POST', `projects/${id}/webhooks`, { url: receiver.url, types: ['user.signed_up', 'session.started', 'user.password_changed', 'session.reuse_detected', 'project.changed'] })
  await api('PUT', `projects/${id}/hooks/before_sign_up`, { url: receiver.url })
  const base = `${apps.get('data-plane')!.url}/${id}`
  const email = 'told@example.com'
  const traced = (digit: string, path: string, body: object, token?: string) =>
    call(`${base}/${path}`, { body, headers: { traceparent: `00-${digit.repeat(32)}-${CALLER}-01`, ...(token && { authorization: `Bearer ${token}` }) } })
  expect((await traced('e', 'signup', { email, password: PASSWORD })).status).toBe(201)
  const { body } = await traced('f', 'login', { email, password: PASSWORD })
  await traced('1', 'password', { current_password: PASSWORD, password: `${PASSWORD} anew` }, body.access_token as string)
  const { body: begun } = await traced('2', 'login', { email, password: `${PASSWORD} anew` })
  const refresh = (digit: string, token: unknown) => traced(digit, 'refresh', { refresh_token: token })
  const { body: second } = await refresh('3', begun.refresh_token)
  await refresh('4', second.refresh_token)
  expect((await refresh('5', begun.refresh_token)).status).toBe(401)
  const headers = { authorization: `Bearer ${API_KEY}`, traceparent: `00-${'6'.repeat(32)}-${CALLER}-01` }
  expect((await call(`${control}/api/v1/projects/${id}`, { method: 'PATCH', body: { name: 'Told of' }, headers })).status).toBe(200)
  // Functions of one trip, a transaction, a token that was used before, and a row that stands with the tenant.
  for (const digit of ['e', 'f', '1', '5', '6']) {
    const whole = () => collector.spans().filter(({ traceId }) => traceId === digit.repeat(32))
    await expect.poll(() => whole().map(({ name }) => name), { timeout: 10_000 }).toContain('webhook')
    const delivery = named(whole(), 'webhook')
    const attributes = { 'portico.project_id': id.slice('proj_'.length) }
    expect(delivery).toMatchObject({ service: 'portico-worker', failed: false, attributes })
    expect(whole().map(({ spanId }) => spanId)).toContain(delivery.parentSpanId)
    expect(whole().find(({ parentSpanId }) => parentSpanId === delivery.spanId)).toBeDefined()
  }
  // The app was asked before the account was made.
  const signUp = collector.spans().filter(({ traceId, service }) => traceId === 'e'.repeat(32) && service === 'portico-data-plane')
  expect(named(signUp, 'POST 127.0.0.1').parentSpanId).toBe(named(signUp, 'POST /auth/signup').spanId)
  await receiver.close()
})

test('each attempt is an event with method and outcome, and nothing of a person leaves in a trace', async () => {
  const base = apps.get('data-plane')!.url + project.path
  const email = 'not.in.traces@example.com'
  const tried = async (trace: string, password: string) => {
    await call(`${base}/login`, { body: { email, password }, headers: { traceparent: `00-${trace}-${CALLER}-01` }, ip: '203.0.113.7' })
    const request = () => collector.spans().find((span) => span.traceId === trace && span.name === 'POST /auth/login')
    await expect.poll(request).toBeDefined()
    return request()!
  }
  await call(`${base}/signup`, { body: { email, password: PASSWORD } })
  const wrong = await tried('b'.repeat(32), 'a wrong findable phrase')
  expect(wrong.events).toEqual([{ name: 'sign_in', attributes: { method: 'password', outcome: 'refused', reason: 'wrong_password' } }])
  expect(wrong.attributes).toMatchObject({ 'error.type': 'invalid_credentials' })
  const right = await tried('c'.repeat(32), PASSWORD)
  expect(right.events).toEqual([{ name: 'sign_in', attributes: { method: 'password', outcome: 'succeeded' } }])
  const sent = collector.bodies.join('\n')
  for (const secret of ['not.in.traces', 'traced.person', '203.0.113.7', PASSWORD, 'findable', 'eyJ']) {
    expect([secret, sent.includes(secret)]).toEqual([secret, false])
  }
})

test('probes and the loops that look for work make no traces', async () => {
  const url = apps.get('data-plane')!.url
  await call(`${url}/health/ready`)
  // After it, so that what came before has been sent.
  const base = url + project.path
  await call(`${base}/.well-known/jwks.json`, { headers: { traceparent: `00-${'d'.repeat(32)}-${CALLER}-01` } })
  await expect.poll(() => collector.spans().some(({ traceId }) => traceId === 'd'.repeat(32))).toBe(true)
  const names = new Set(collector.spans().map(({ name }) => name))
  expect([...names].filter((name) => name.includes('/health') || ['claim_outbox', 'changes_since', 'ping'].includes(name))).toEqual([])
})

/** Names in PromQL: what is not a function, a word of the language, a label or a number. */
function metricNames(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"|\bby\s*\([^)]*\)/g, '')
  return [...bare.matchAll(/\b(?:portico|http|process|nodejs)_\w+/g)].map(([name]) => name)
}

/** Of each metric in PromQL the labels that it is chosen or summed by. */
function labelsOf(expression: string): [name: string, label: string][] {
  const sums = [...expression.matchAll(/\bby\s*\(([^)]*)\)\s*\((?:[a-z_]+\()*((?:portico|http|process|nodejs)_\w+)/g)]
  const chosen = [...expression.matchAll(/\b((?:portico|http|process|nodejs)_\w+)\{([^}]*)\}/g)]
  return [
    ...sums.flatMap(([, labels = '', name = '']) => labels.split(',').map((label): [string, string] => [name, label.trim()])),
    ...chosen.flatMap(([, name = '', pairs = '']) => [...pairs.matchAll(/(\w+)\s*[!=]/g)].map(([, label = '']): [string, string] => [name, label])),
  ]
}

interface Panel {
  title: string
  targets?: { expr: string }[]
  panels?: Panel[]
}

test('every metric that a dashboard or an alert names is one that a service prints', async () => {
  const pages = await Promise.all([...metricsUrls.values()].map((url) => call(url)))
  const printed = new Set<string>()
  for (const { text } of pages) {
    for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) printed.add(name + suffix)
    }
  }
  const deploy = new URL('../../deploy/', import.meta.url)
  const panelsOf = (panels: Panel[]): Panel[] => panels.flatMap((panel) => [panel, ...panelsOf(panel.panels ?? [])])
  const dashboards = readdirSync(new URL('grafana/', deploy)).filter((file) => file.endsWith('.json'))
  const expressions = dashboards.flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(new URL(`grafana/${file}`, deploy), 'utf8')) as { panels: Panel[] }
    return panelsOf(panels).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  })
  expect(expressions.length).toBeGreaterThan(10)
  const { groups } = parse(readFileSync(new URL('prometheus/alerts.yaml', deploy), 'utf8')) as { groups: { rules: { expr: string }[] }[] }
  const rules = groups.flatMap((group) => group.rules.map(({ expr }) => expr))
  expect(rules.length).toBeGreaterThan(5)
  const named = [...new Set([...expressions, ...rules].flatMap(metricNames))]
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !printed.has(name))).toEqual([])

  // Labels are printed with values alone, so those of what has happened by now can be looked at.
  const lines = pages.flatMap(({ text }) => [...text.matchAll(/^(\w+)\{([^}]*)\} /gm)])
  const samples = lines.map(([, name = '', labels = '']) => ({ name, labels }))
  const asked = [...expressions, ...rules].flatMap(labelsOf).filter(([name]) => samples.some((sample) => sample.name === name))
  expect(asked.length).toBeGreaterThan(10)
  const unknown = asked.filter(([name, label]) => {
    const of = samples.filter((sample) => sample.name === name)
    return !of.some(({ labels }) => new RegExp(`\\b${label}="`).test(labels))
  })
  expect(unknown).toEqual([])
})
