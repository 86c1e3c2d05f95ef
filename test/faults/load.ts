import { setTimeout as sleep } from 'node:timers/promises'

/** One request and what came of it; the ledger is what the auditor holds the database against. */
export interface Entry {
  kind: string
  email: string
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
  next: (index: number) => Call
}

const ANSWER_TIME_MS = 20_000
let addresses = 0

/** One request; never throws. */
export async function send(call: Call): Promise<Entry> {
  addresses += 1
  const sentAt = performance.now()
  const base = { kind: call.kind, email: call.email ?? '', sentAt }
  try {
    const answer = await fetch(call.url, {
      method: call.method ?? (call.body === undefined ? 'GET' : 'POST'),
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': call.ip ?? `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`,
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(ANSWER_TIME_MS),
    })
    const text = await answer.text()
    const body = parse(text)
    const error = body?.['error'] as { code?: string } | undefined
    return { ...base, ms: performance.now() - sentAt, status: answer.status, retryAfter: answer.headers.get('retry-after'), code: error?.code ?? null, body }
  } catch {
    return { ...base, ms: performance.now() - sentAt, status: null, retryAfter: null, code: null, body: null }
  }
}

/** Sends at a steady rate whether or not answers come, as a crowd does. */
export async function openLoop({ ratePerSecond, seconds, next }: OpenLoop): Promise<Entry[]> {
  const ledger: Promise<Entry>[] = []
  const started = performance.now()
  const count = Math.round(ratePerSecond * seconds)
  for (let index = 0; index < count; index++) {
    const early = started + (index * 1000) / ratePerSecond - performance.now()
    if (early > 1) await sleep(early)
    ledger.push(send(next(index)))
  }
  return Promise.all(ledger)
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
