import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startFakeResend, type FakeResend } from '../../support/fake-resend.js'
import { makeProject, makeTenant, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { startSmtpServer, type FakeSmtp } from '../../support/smtp-server.js'
import { connect, type Connection } from '../../support/sql.js'

let plane: TestControlPlane
let owner: Connection
let server: FakeSmtp
let resend: FakeResend
let project: string
beforeAll(async () => {
  resend = await startFakeResend()
  plane = await startControlPlane({ config: { resend: { apiKey: resend.apiKey, baseUrl: resend.url }, resendBaseUrl: resend.url } })
  owner = await connect(plane.database.url)
  project = await makeProject(plane, { enable: true })
})
afterAll(async () => {
  await owner.close()
  await plane.stop()
  await resend.close()
})
beforeEach(async () => {
  server = await startSmtpServer({ allowInsecureAuth: true, hideSTARTTLS: true })
})
afterEach(() => server.close())

const smtp = (more: Record<string, unknown> = {}) => ({
  kind: 'smtp',
  from: 'Bakery <no-reply@bakery.example>',
  host: 'localhost',
  port: server.port,
  security: 'none',
  user: server.user,
  password: server.password,
  ...more,
})
const put = (body: unknown, path = `projects/${project}/mail/sender`, key?: string) =>
  plane.call('PUT', path, body, key === undefined ? {} : { key })

describe('a mail server of a project', () => {
  test('is connected to and logged in at before it is saved, sealed, and never shown again', async () => {
    const made = await put(smtp())
    expect(made.status).toBe(200)
    expect(made.body.data).toMatchObject({
      kind: 'smtp',
      state: 'ready',
      host: 'localhost',
      user: 'portico',
      security: 'none',
      failing: null,
    })
    expect(server.logins).toBe(1)
    const read = await plane.call('GET', `projects/${project}/mail/sender`)
    expect(read.body.data).toEqual(made.body.data)
    expect(made.text + read.text).not.toContain(server.password)
    const [row] = await owner.query<{ secret_sealed: Buffer }>('select secret_sealed from auth.mail_sender')
    expect(row?.secret_sealed.toString('latin1')).not.toContain(server.password)
    const audit = await plane.call('GET', `projects/${project}/audit-log?action=mail.sender_configured`)
    expect(audit.body.data[0]).toMatchObject({ action: 'mail.sender_configured', metadata: { kind: 'smtp' } })
    expect(audit.text).not.toContain(server.password)
  })

  test('that refuses the login is not saved; what was there before stays', async () => {
    await put(smtp())
    const refused = await put(smtp({ password: 'wrong', from: 'other@bakery.example' }))
    expect(refused.status).toBe(422)
    expect(refused.body.error).toMatchObject({ code: 'mail_sender_refused', details: [{ field: 'password', code: 'smtp_535_5.7.8' }] })
    expect((await plane.call('GET', `projects/${project}/mail/sender`)).body.data.from).toBe('Bakery <no-reply@bakery.example>')
  })

  test('keeps its password when only the address changes, and never sends it to another host', async () => {
    await put(smtp())
    const { password: _, ...without } = smtp({ from: 'hello@bakery.example' })
    expect((await put(without)).body.data).toMatchObject({ from: 'hello@bakery.example', state: 'ready' })
    for (const elsewhere of [{ host: '127.0.0.1' }, { port: server.port + 1 }, { user: 'root' }]) {
      const answer = await put({ ...without, ...elsewhere })
      expect([answer.status, answer.body.error.details[0].field]).toEqual([422, 'password'])
    }
  })

  test.each([
    [{ from: 'nobody' }, 'from'],
    [{ from: 'A baker a@b.example' }, 'from'],
    [{ from: 'A baker <a@b.example' }, 'from'],
    [{ from: 'a@b.example>' }, 'from'],
    [{ from: '<a@b.example' }, 'from'],
    [{ from: ' a@b.example' }, 'from'],
    [{ from: 'a@b.example <c@d.example>' }, 'from'],
    [{ from: 'a@b.example, c@d.example' }, 'from'],
    [{ from: 'A\r\nBcc: x@y.example <a@b.example>' }, 'from'],
    [{ host: 'http://localhost' }, 'host'],
    [{ host: undefined }, 'host'],
    [{ user: undefined }, 'user'],
    [{ api_key: 're_1' }, 'api_key'],
  ])('%j is refused for %s', async (more, field) => {
    const answer = await put(smtp(more))
    expect([answer.status, answer.body.error.details[0].field]).toEqual([422, field])
    expect(server.connections).toBe(0)
  })

  test('is removed', async () => {
    await put(smtp())
    expect((await plane.call('DELETE', `projects/${project}/mail/sender`)).status).toBe(200)
    expect((await plane.call('GET', `projects/${project}/mail/sender`)).body.data).toBeNull()
    expect((await plane.call('DELETE', `projects/${project}/mail/sender`)).status).toBe(404)
  })
})

test('a tenant has one for all its projects, which another tenant neither sees nor changes', async () => {
  const other = await makeTenant(plane)
  expect((await put(smtp(), 'mail/sender')).status).toBe(200)
  expect((await plane.call('GET', 'mail/sender')).body.data).toMatchObject({ state: 'ready' })
  expect((await plane.call('GET', 'mail/sender', undefined, { key: other })).body.data).toBeNull()
  expect((await plane.call('DELETE', 'mail/sender', undefined, { key: other })).status).toBe(404)
  const [row] = await owner.query<{ secret_sealed: Buffer }>('select secret_sealed from platform.mail_sender')
  expect(row?.secret_sealed.toString('latin1')).not.toContain(server.password)
  expect((await plane.call('DELETE', 'mail/sender')).status).toBe(200)
})

test('in production neither an inner address nor an unencrypted connection nor another port is tried', async () => {
  const strict = await startControlPlane({ beside: plane, config: { allowLoopbackProviders: false } })
  const call = (more: Record<string, unknown>) =>
    strict.call('PUT', `projects/${project}/mail/sender`, smtp({ security: 'starttls', ...more }))
  for (const more of [
    { host: '127.0.0.1', port: 587 },
    { host: '10.0.0.1', port: 25 },
    { host: '169.254.169.254', port: 587 },
    { host: '8.8.8.8', port: 6379 },
  ]) {
    const answer = await call(more)
    expect(answer.body.error).toMatchObject({ code: 'mail_sender_refused', details: [{ field: 'host', code: 'address_not_allowed' }] })
  }
  expect((await call({ security: 'none' })).body.error.details[0].field).toBe('security')
  expect(server.connections).toBe(0)
  await strict.stop()
})

test('a key of Resend is tried; a wrong one is not saved', async () => {
  const path = `projects/${project}/mail/sender`
  expect((await put({ kind: 'resend', from: 'a@bakery.example', api_key: resend.apiKey }, path)).body.data).toMatchObject({
    kind: 'resend',
    state: 'ready',
  })
  const wrong = await put({ kind: 'resend', from: 'a@bakery.example', api_key: 're_wrong' }, path)
  expect(wrong.body.error).toMatchObject({ code: 'mail_sender_refused', details: [{ field: 'api_key', code: 'invalid_api_key' }] })
})

test('a domain at Resend: made with our key, its records shown, ready when they are published, given back when removed', async () => {
  const path = `projects/${project}/mail/sender`
  const made = await put({ kind: 'resend_domain', from: 'Brand <hello@brand.example>' }, path)
  expect(made.body.data).toMatchObject({ state: 'pending', domain: 'brand.example' })
  expect(made.body.data.dns_records).toContainEqual(expect.objectContaining({ type: 'TXT', name: 'resend._domainkey' }))
  expect((await plane.call('POST', `${path}/verify`)).body.data.state).toBe('pending')
  resend.domains.published.add('brand.example')
  expect((await plane.call('POST', `${path}/verify`)).body.data.state).toBe('ready')
  const audit = await plane.call('GET', `projects/${project}/audit-log?action=mail.sender_ready`)
  expect(audit.body.data).toHaveLength(1)
  // Somebody else's domain, or our own, is never handed to whoever asks.
  const other = await makeProject(plane, { enable: true })
  const taken = await put({ kind: 'resend_domain', from: 'me@brand.example' }, `projects/${other}/mail/sender`)
  expect([taken.status, taken.body.error.details[0].code]).toEqual([422, 'taken'])
  await plane.call('DELETE', path)
  expect(resend.domains.all).toEqual([])
})

test('an invitation before auth is enabled is refused, not promised', async () => {
  const young = await makeProject(plane)
  const answer = await plane.call('POST', `projects/${young}/users/invite`, { email: 'ada@example.com' })
  expect([answer.status, answer.body.error.code]).toEqual([404, 'auth_not_enabled'])
  const off = await makeProject(plane, { enable: true })
  await plane.call('DELETE', `projects/${off}/auth`)
  const refused = await plane.call('POST', `projects/${off}/users/invite`, { email: 'ada@example.com' })
  expect([refused.status, refused.body.error.code]).toEqual([403, 'auth_disabled'])
})
