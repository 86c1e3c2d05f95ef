import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** One request and what came of it; the ledger is what the auditor holds the database against. */
export interface Entry {
  kind: string
  email: string
  /** Whom or what the request was about, where the answer does not say: a user's or a session's id. */
  about: string | null
  /** Milliseconds of `performance.now()`. */
  sentAt: number
  ms: number
  /** Null: no answer. */
  status: number | null
  retryAfter: string | null
  code: string | null
  body: Record<string, unknown> | null
}

export interface Call {
  kind: string
  email?: string
  about?: string
  url: string
  method?: string
  body?: unknown
  token?: string
  /** Client address; a new one per request unless given. */
  ip?: string
}

export interface OpenLoop {
  ratePerSecond: number
  seconds: number
  /** Ends it before its time. */
  until?: () => boolean
  next: (index: number) => Call
  /** What the same client does next, at once, knowing the answer. */
  follow?: (entry: Entry, index: number) => Call | null
}

const ANSWER_TIME_MS = 20_000
let addresses = 0

/** One request; never throws. */
export async function send(call: Call): Promise<Entry> {
  addresses += 1
  const sentAt = performance.now()
  const base = { kind: call.kind, email: call.email ?? '', about: call.about ?? null, sentAt }
  try {
    const answer = await exchange(call)
    const body = parse(answer.text)
    const error = body?.['error'] as { code?: string } | undefined
    return {
      ...base,
      ms: performance.now() - sentAt,
      status: answer.status,
      retryAfter: answer.retryAfter,
      code: error?.code ?? null,
      body,
    }
  } catch {
    return { ...base, ms: performance.now() - sentAt, status: null, retryAfter: null, code: null, body: null }
  }
}

// Not `fetch`: at 1,000 requests a second it takes a core of its own, which on a small machine is taken from what is under test.
const agent = new Agent({ keepAlive: true })

function exchange(call: Call): Promise<{ status: number; retryAfter: string | null; text: string }> {
  return new Promise((done, fail) => {
    const body = call.body === undefined ? null : JSON.stringify(call.body)
    const request = httpRequest(call.url, {
      agent,
      method: call.method ?? (body === null ? 'GET' : 'POST'),
      headers: {
        'x-forwarded-for': call.ip ?? `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`,
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    })
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), ANSWER_TIME_MS)
    const failed = (error: Error): void => {
      clearTimeout(late)
      fail(error)
    }
    request.on('error', failed)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('error', failed)
      response.on('end', () => {
        clearTimeout(late)
        done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null, text })
      })
    })
    request.end(body)
  })
}

/** Sends at a steady rate whether or not answers come, as a crowd does. */
export async function openLoop({ ratePerSecond, seconds, until, next, follow }: OpenLoop): Promise<Entry[]> {
  const clients: Promise<Entry[]>[] = []
  const client = async (index: number): Promise<Entry[]> => {
    const entries = [await send(next(index))]
    for (let call = follow?.(entries[0] as Entry, index); call; call = follow?.(entries.at(-1) as Entry, index))
      entries.push(await send(call))
    return entries
  }
  const started = performance.now()
  const count = Math.round(ratePerSecond * seconds)
  for (let index = 0; index < count && !until?.(); index++) {
    const early = started + (index * 1000) / ratePerSecond - performance.now()
    if (early > 1) await sleep(early)
    clients.push(client(index))
  }
  return (await Promise.all(clients)).flat()
}

/** One line of JSON for every request and its answer; answers the file. Tokens are left out. */
export function writeLedger(name: string, ledger: readonly Entry[]): string {
  const folder = join(tmpdir(), 'portico-fault-ledgers')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.ndjson`)
  writeFileSync(file, ledger.map(({ body, ...entry }) => `${JSON.stringify({ ...entry, user_id: body?.['user_id'] })}\n`).join(''))
  return file
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
