import { randomUUID } from 'node:crypto'
import { VERSION } from '@portico/kernel/version'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '../../support/admin-client.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'

let plane: TestControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

test('health needs no key, and metrics are not on the public port', async () => {
  expect((await plane.call('GET', '/health/live', undefined, { key: null })).body).toEqual({ status: 'ok', version: VERSION })
  expect((await plane.call('GET', '/health/ready', undefined, { key: null })).body).toEqual({ status: 'ready', checks: { master_key: 'up', pooler: 'up', postgres: 'up' } })
  await plane.call('GET', 'projects')
  for (const key of [null, plane.key]) {
    const answer = await plane.call('GET', '/metrics', undefined, { key })
    expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found'])
  }
  const metrics = await plane.plane.metricsServer.inject('/metrics')
  expect([metrics.statusCode, metrics.headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')])
  expect(metrics.body).toContain('route="/api/v1/projects"')
  expect((await plane.plane.metricsServer.inject('/api/v1/projects')).statusCode).toBe(404)
})

test('the development inbox shows every mail, newest first, by recipient, with what it says escaped', async () => {
  const id = await makeProject(plane, { enable: true })
  await withAdmin(plane.database.url, async (client) => {
    for (const [to, subject, at] of [['ada@example.com', 'First', '2026-01-01'], ['bob@example.com', 'Second <b>', '2026-01-02']]) {
      await client.query(
        `insert into auth.dev_mail (project_id, outbox_id, to_address, subject, text, html, link, code, created_at) values ($1, $2, $3, $4, 'Hello', '<p>Hello</p>', $5, '123456', $6)`,
        [id.slice(5), randomUUID(), to, subject, 'https://app.example/reset?token=t', at],
      )
    }
  })
  const all = await plane.call('GET', '/dev/inbox.json', undefined, { key: null })
  expect(all.body.data).toMatchObject([
    { to: 'bob@example.com' },
    { to: 'ada@example.com', subject: 'First', link: 'https://app.example/reset?token=t', code: '123456', project_id: id },
  ])
  const one = await plane.call('GET', '/dev/inbox.json?to=ADA@example.com', undefined, { key: null })
  expect(one.body.data).toHaveLength(1)
  const list = await fetch(`${plane.url}/dev/inbox?to=ada@example.com`, { redirect: 'manual' })
  expect([list.status, list.headers.get('location')]).toEqual([302, '/console/inbox?to=ada%40example.com'])
  const mail = await plane.call('GET', `/dev/inbox/${all.body.data[0].id}`, undefined, { key: null })
  expect(mail.headers.get('content-type')).toContain('text/html')
  expect(mail.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups[^;]*; default-src 'none'/)
  expect(mail.text).toContain(all.body.data[0].html)
  for (const id of ['x', '00000000-0000-4000-8000-000000000000'])
    expect((await plane.call('GET', `/dev/inbox/${id}`, undefined, { key: null })).status).toBe(404)
})

test('in production there is no inbox and no clock', async () => {
  const production = await startControlPlane({ config: { environment: 'production', devInbox: false, testClock: false } })
  try {
    for (const path of ['/dev/inbox', '/dev/inbox.json']) expect((await production.call('GET', path)).status).toBe(404)
    expect((await production.call('POST', '/__test/clock', { advance_seconds: 1 })).status).toBe(404)
  } finally {
    await production.stop()
  }
})

test('while the database is away every call is a 503 that says when to come back, and nothing needs a restart', async () => {
  const own = await startControlPlane()
  const id = await makeProject(own, { enable: true })
  const admin = new URL(own.database.url)
  admin.pathname = '/postgres'
  const onServer = (text: string) => withAdmin(admin.href, (client) => client.query(text))
  try {
    await onServer(`alter database ${own.database.databaseName} with allow_connections false`)
    await onServer(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${own.database.databaseName}'`)
    const calls: [string, string, unknown?][] = [
      ['GET', 'projects'],
      ['POST', 'projects', { name: 'x' }],
      ['GET', `projects/${id}`],
      ['PATCH', `projects/${id}`, { name: 'y' }],
      ['GET', `projects/${id}/auth`],
      ['POST', `projects/${id}/instances`, {}],
      ['GET', 'audit-log'],
      ['GET', 'api-keys'],
      ['GET', '/health/ready'],
    ]
    for (let round = 0; round < 3; round += 1) {
      for (const [method, path, body] of calls) {
        const answer = await own.call(method, path, body, round === 2 ? { headers: { 'idempotency-key': randomUUID() } } : {})
        expect([method, path, answer.status, answer.body.error?.code]).toEqual([method, path, 503, 'unavailable'])
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      }
    }
    expect((await own.call('GET', '/health/live')).status).toBe(200)
    await onServer(`alter database ${own.database.databaseName} with allow_connections true`)
    await expect.poll(async () => (await own.call('POST', `projects/${id}/instances`, {})).status, { timeout: 10_000 }).toBe(201)
    expect((await own.call('GET', 'projects')).status).toBe(200)
  } finally {
    await onServer(`alter database ${own.database.databaseName} with allow_connections true`)
    await own.stop()
  }
})
