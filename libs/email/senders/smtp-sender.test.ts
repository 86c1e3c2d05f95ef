import { connect } from 'node:net'
import { connectGuarded } from '@portico/outbound/guarded-socket'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSmtpServer, type FakeSmtp } from '../../../test/support/smtp-server.js'
import { SmtpSender, type SmtpSenderOptions } from './smtp-sender.js'

let server: FakeSmtp
const open: SmtpSender[] = []
beforeEach(async () => {
  server = await startSmtpServer()
})
afterEach(async () => {
  for (const sender of open.splice(0)) sender.close()
  await server.close()
})

function sender(more: Partial<SmtpSenderOptions> = {}): SmtpSender {
  const made = new SmtpSender({
    host: 'localhost',
    port: server.port,
    security: 'starttls',
    user: server.user,
    password: server.password,
    from: 'Blue Bakery <no-reply@bakery.example>',
    ca: server.ca,
    connect: (host, port) => connectGuarded(host, port, { allowLoopback: true, timeLimitMs: 1_000 }),
    timeLimits: { greetingMs: 800, silenceMs: 800, mailMs: 1_500 },
    ...more,
  })
  open.push(made)
  return made
}

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' }
const row = { idempotencyKey: '3c2f9e0e-6a5e-4a55-9a86-5a6a3b8f3a01', date: new Date('2026-11-30T12:00:00Z') }

describe('a mail that goes out', () => {
  test('is encrypted, logged in, and named by its row', async () => {
    expect(await sender().send(mail, row)).toEqual({ kind: 'sent', providerId: `<${row.idempotencyKey}@bakery.example>` })
    const [got] = server.mails
    expect(got).toMatchObject({ from: 'no-reply@bakery.example', to: ['ada@example.com'], secure: true, user: 'portico' })
    expect(got?.raw).toContain('From: Blue Bakery <no-reply@bakery.example>')
    expect(got?.raw).toContain('Date: Mon, 30 Nov 2026 12:00:00 +0000')
    expect(got?.raw).toContain('Auto-Submitted: auto-generated')
  })

  test('is the same bytes at every try', async () => {
    server.next(1, { kind: 'lost_answer' })
    expect(await sender().send(mail, row)).toMatchObject({ kind: 'retry' })
    expect(await sender().send(mail, row)).toMatchObject({ kind: 'sent' })
    // SMTP has no idempotency key: the mailbox has it twice, under one Message-ID.
    expect(server.mails).toHaveLength(2)
    expect(server.mails[0]?.raw).toBe(server.mails[1]?.raw)
  })

  test('keeps 8-bit text, long lines, dots and a name of its own', async () => {
    const text = `Grüße, 日本, مرحبا\n.\n..two\n${'x'.repeat(5_000)}\n`
    await sender().send({ ...mail, text, subject: 'Bäckerei 日本', fromName: 'Zoë “Bread” 日本', replyTo: 'help@bakery.example' }, row)
    const raw = server.mails[0]?.raw ?? ''
    for (const line of raw.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
    expect(raw).toContain('Reply-To: help@bakery.example')
    expect(raw).toMatch(/Subject: =\?UTF-8\?/)
    expect(decodedText(raw)).toBe(text)
  })

  test('ten mails share connections; one that the server closed while idle is replaced', async () => {
    const one = sender({ maxConnections: 2 })
    const send = (n: number) => one.send(mail, { ...row, idempotencyKey: `${n}` })
    expect(new Set((await Promise.all(Array.from({ length: 10 }, (_, n) => send(n)))).map(({ kind }) => kind))).toEqual(new Set(['sent']))
    expect(server.connections).toBe(2)
    expect(server.logins).toBe(2)
  })

  test.each([
    ['subject', { subject: 'Hi\r\nBcc: eve@example.com' }],
    ['name', { fromName: 'A\r\nBcc: eve@example.com' }],
    ['reply address', { replyTo: 'a@example.com\r\nBcc: eve@example.com' }],
  ])('a line break in the %s adds no header and no recipient', async (_, more) => {
    await sender().send({ ...mail, ...more }, row)
    const [headers] = (server.mails[0]?.raw ?? '').split('\r\n\r\n')
    expect(headers).not.toMatch(/^bcc:/im)
    for (const got of server.mails) expect(got.to).toEqual(['ada@example.com'])
  })

  test('an address that would be a list is one address or none', async () => {
    await sender().send({ ...mail, to: 'ada@example.com, eve@example.com' }, row)
    for (const got of server.mails) expect(got.to).not.toContain('eve@example.com')
  })
})

test.each([
  { fault: { kind: 'recipient', code: 451, text: '4.7.1 Greylisted, come again' }, kind: 'retry', code: 'smtp_451_4.7.1' },
  { fault: { kind: 'recipient', code: 550, text: '5.1.1 No such user here' }, kind: 'rejected', code: 'smtp_550_5.1.1' },
  { fault: { kind: 'data', code: 421, text: '4.3.2 Shutting down' }, kind: 'retry', code: 'smtp_421_4.3.2' },
  { fault: { kind: 'data', code: 554, text: '5.7.1 Looks like spam' }, kind: 'rejected', code: 'smtp_554_5.7.1' },
  { fault: { kind: 'sender', code: 553, text: '5.7.1 Not your address' }, kind: 'sender_refused', code: 'smtp_553_5.7.1' },
  { fault: { kind: 'sender', code: 552, text: '5.3.4 Too large' }, kind: 'rejected', code: 'smtp_552_5.3.4' },
  { fault: { kind: 'sender', code: 530, text: '5.7.0 Authentication required' }, kind: 'sender_refused', code: 'smtp_530_5.7.0' },
] as const)('$fault.kind $fault.code: $kind', async ({ fault, kind, code }) => {
  server.next(1, fault)
  const one = sender()
  expect(await one.send(mail, row)).toMatchObject({ kind, code, detail: expect.stringContaining(fault.text) })
  expect(await one.send(mail, row)).toMatchObject({ kind: 'sent' })
  expect(server.mails).toHaveLength(1)
})

test('a wrong password is the fault of the sender, whatever the mail', async () => {
  expect(await sender({ password: 'wrong' }).send(mail, row)).toMatchObject({ kind: 'sender_refused', code: 'smtp_535_5.7.8' })
  expect(await sender({ password: 'wrong' }).check()).toMatchObject({ ok: false, code: 'smtp_535_5.7.8' })
  expect(await sender().check()).toEqual({ ok: true })
})

test('a server that dies in the middle of the mail gets it again', async () => {
  server.next(1, { kind: 'death_in_data' })
  const one = sender()
  expect(await one.send({ ...mail, text: 'x'.repeat(500_000) }, row)).toMatchObject({ kind: 'retry', code: 'no_answer' })
  expect(await one.send(mail, row)).toMatchObject({ kind: 'sent' })
})

test('a slow server is given up on in time', async () => {
  server.next(1, { kind: 'slow', ms: 5_000 })
  const since = Date.now()
  expect(await sender().send(mail, row)).toMatchObject({ kind: 'retry', code: 'no_answer' })
  expect(Date.now() - since).toBeLessThan(2_500)
})

describe('encryption', () => {
  test('from the first byte', async () => {
    const secure = await startSmtpServer({ secure: true })
    expect(await sender({ port: secure.port, security: 'tls' }).send(mail, row)).toMatchObject({ kind: 'sent' })
    expect(secure.mails[0]?.secure).toBe(true)
    await secure.close()
  })

  test('a server without it gets neither password nor mail', async () => {
    const plain = await startSmtpServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    expect(await sender({ port: plain.port }).send(mail, row)).toMatchObject({ kind: 'sender_refused' })
    expect([plain.logins, plain.mails.length]).toEqual([0, 0])
    await plain.close()
  })

  test.each(['tls', 'starttls'] as const)('%s: a certificate of a stranger ends it', async (security) => {
    const other = await startSmtpServer({ secure: security === 'tls' })
    const result = await new SmtpSender({
      host: 'localhost',
      port: other.port,
      security,
      user: 'portico',
      password: 'x',
      from: 'a@b.example',
      connect: async (host, port) => connect({ host, port }),
    }).send(mail, row)
    expect(result).toMatchObject({ kind: 'sender_refused', code: 'tls_failed' })
    expect(other.logins).toBe(0)
    await other.close()
  })
})

describe('where it may connect', () => {
  const guarded = (host: string, resolved: string, port = 587) =>
    sender({
      host,
      port,
      connect: (name, at) =>
        connectGuarded(name, at, { allowLoopback: false, timeLimitMs: 500, resolve: async () => [{ address: resolved, family: 4 }] }),
    })

  test.each(['127.0.0.1', '10.0.0.5', '169.254.169.254', '192.168.1.1'])('a name of %s is not connected to', async (address) => {
    expect(await guarded('mail.example.com', address).send(mail, row)).toMatchObject({
      kind: 'sender_refused',
      code: 'address_not_allowed',
    })
  })

  test('a port that is no mail port is not knocked at', async () => {
    expect(await guarded('mail.example.com', '8.8.8.8', 6379).check()).toMatchObject({ ok: false, code: 'address_not_allowed' })
  })

  test('a server that is not there has taken nothing', async () => {
    expect(await sender({ port: 1_025 }).send(mail, row)).toMatchObject({ kind: 'retry', code: 'unreachable', untouched: true })
  })
})

function decodedText(raw: string): string {
  const part = /Content-Type: text\/plain[^]*?Content-Transfer-Encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/.exec(raw)
  const body = part?.[2] ?? ''
  if (part?.[1] === 'base64') return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n')
  const bytes = body.replaceAll('=\r\n', '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}
