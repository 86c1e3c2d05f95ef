import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { FakeDomains } from './fake-resend-domains.js'

export interface FakeMail {
  id: string
  idempotencyKey: string | null
  from: string
  to: string
  subject: string
  text: string
  html: string
  headers: Record<string, string>
  /** The request body as it arrived, to compare retries byte by byte. */
  body: string
}

/** What becomes of one request. */
export type Fault =
  /** Refused before anything is stored. */
  | { kind: 'status'; status: number; name?: string; retryAfterSeconds?: number }
  /** The mail is taken, the answer never comes. */
  | { kind: 'hang_after_accepting' }
  /** The mail is taken, the connection breaks before the answer. */
  | { kind: 'reset_after_accepting' }
  | { kind: 'reset' }
  | { kind: 'malformed_json'; status?: number }
  /** Answers properly, but only after this time. */
  | { kind: 'slow'; ms: number }

export interface FakeResend {
  /** For RESEND_BASE_URL or `new ResendSender({ baseUrl })`. */
  url: string
  apiKey: string
  domains: FakeDomains
  /** Mails taken, one per idempotency key, oldest first. */
  mails: FakeMail[]
  /** Every request that reached the server, refused ones too. */
  attempts: { idempotencyKey: string | null; body: string; at: number; fault: Fault | null }[]
  /** The next `count` requests meet `fault`. */
  next(count: number, fault: Fault): void
  /** Every request meets `fault` until `heal()`. */
  always(fault: Fault): void
  heal(): void
  /** The first taken mail that matches, now or within `ms`; rejects with what did arrive. */
  waitForMail(matches: (mail: FakeMail) => boolean, ms?: number): Promise<FakeMail>
  close(): Promise<void>
}

interface Stored {
  id: string
  body: string
  pending: boolean
}

/** Resend's POST /emails as documented, over real HTTP: API key, idempotency keys that live 24 hours, validation, its error shapes. */
export async function startFakeResend({ port = 0, apiKey = 're_fake_key' }: { port?: number; apiKey?: string } = {}): Promise<FakeResend> {
  const mails: FakeMail[] = []
  const domains = new FakeDomains()
  const attempts: FakeResend['attempts'] = []
  const byKey = new Map<string, Stored>()
  const queued: Fault[] = []
  let standing: Fault | null = null
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    if (request.method !== 'POST' || request.url !== '/emails') {
      if (header(request, 'authorization') !== `Bearer ${apiKey}`) return refuse(response, 403, 'invalid_api_key')
      const answer = domains.answer(request.method ?? '', request.url ?? '', body)
      if (!answer) return refuse(response, 404, 'not_found')
      return void response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
    }
    const idempotencyKey = header(request, 'idempotency-key')
    const fault = queued.shift() ?? standing
    attempts.push({ idempotencyKey, body, at: Date.now(), fault })
    if (fault?.kind === 'status') return refuse(response, fault.status, fault.name ?? defaultName(fault.status), fault.retryAfterSeconds)
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
    if (fault?.kind === 'malformed_json')
      return void response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' }).end('{"id": ')
    const authorization = header(request, 'authorization')
    if (!authorization) return refuse(response, 401, 'missing_api_key')
    if (authorization !== `Bearer ${apiKey}`) return refuse(response, 403, 'invalid_api_key')
    if (idempotencyKey !== null && idempotencyKey.length > 256) return refuse(response, 400, 'invalid_idempotency_key')

    const known = idempotencyKey === null ? undefined : byKey.get(idempotencyKey)
    if (known?.pending) return refuse(response, 409, 'concurrent_idempotent_requests')
    if (known && known.body !== body) return refuse(response, 409, 'invalid_idempotent_request')
    const parsed = parse(body)
    if (!parsed) return refuse(response, 422, 'validation_error')
    const stored = known ?? { id: randomUUID(), body, pending: false }
    if (idempotencyKey !== null) byKey.set(idempotencyKey, stored)
    if (fault?.kind === 'slow') {
      stored.pending = true
      await new Promise((done) => setTimeout(done, fault.ms))
      stored.pending = false
    }
    if (!known) {
      mails.push({ id: stored.id, idempotencyKey, body, ...parsed })
      for (const check of waiting) check()
    }
    if (fault?.kind === 'hang_after_accepting') return
    if (fault?.kind === 'reset_after_accepting') return void request.socket.resetAndDestroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: stored.id }))
  }

  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', done)
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    domains,
    mails,
    attempts,
    next: (count, fault) => void queued.push(...Array.from({ length: count }, () => fault)),
    always: (fault) => void (standing = fault),
    heal: () => {
      standing = null
      queued.length = 0
    },
    waitForMail: (matches, ms = 10_000) =>
      new Promise((done, fail) => {
        const check = () => {
          const mail = mails.find(matches)
          if (!mail) return
          clearTimeout(timer)
          waiting.delete(check)
          done(mail)
        }
        const timer = setTimeout(() => {
          waiting.delete(check)
          fail(new Error(`no such mail within ${ms} ms; arrived: ${JSON.stringify(mails.map(({ to, subject }) => ({ to, subject })))}`))
        }, ms)
        waiting.add(check)
        check()
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

/** The first link in a mail's text part. */
export function linkIn(mail: { text: string }): URL {
  const found = /https?:\/\/\S+/.exec(mail.text)
  if (!found) throw new Error('the mail has no link')
  return new URL(found[0])
}

function refuse(response: ServerResponse, status: number, name: string, retryAfterSeconds?: number): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    })
    .end(JSON.stringify({ statusCode: status, name, message: 'refused by the fake' }))
}

function defaultName(status: number): string {
  if (status === 429) return 'rate_limit_exceeded'
  return status >= 500 ? 'internal_server_error' : 'validation_error'
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}

function parse(body: string): Pick<FakeMail, 'from' | 'to' | 'subject' | 'text' | 'html' | 'headers'> | null {
  let mail: Record<string, unknown>
  try {
    mail = JSON.parse(body) as Record<string, unknown>
  } catch {
    return null
  }
  const { from, to, subject, text, html, headers } = mail
  const address = Array.isArray(to) ? to[0] : to
  if (typeof from !== 'string' || typeof address !== 'string' || !address.includes('@') || typeof subject !== 'string' || subject === '')
    return null
  if (typeof text !== 'string' && typeof html !== 'string') return null
  return {
    from,
    to: address,
    subject,
    text: typeof text === 'string' ? text : '',
    html: typeof html === 'string' ? html : '',
    headers: (headers ?? {}) as Record<string, string>,
  }
}
