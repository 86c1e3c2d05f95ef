import type { Client } from '@portico/redis/client'
import { MAX_COUNT, type Charge, type ChargeResult, type CounterStore } from './counter-store.js'
import { withTimeLimit } from './time-limit.js'

// The expiry that counts is the field `e` (the product's clock); PEXPIRE only cleans up.
const CHARGE = `
local now = tonumber(ARGV[1])
local held = tonumber(redis.call('hget', KEYS[1], 'e'))
if held and held > now then return {held} end
local out = {0}
for i = 2, #KEYS do
  local cost, window = tonumber(ARGV[i * 2 - 2]), tonumber(ARGV[i * 2 - 1])
  local e = tonumber(redis.call('hget', KEYS[i], 'e'))
  local n
  if e and e > now then
    n = redis.call('hincrby', KEYS[i], 'n', cost)
    if n > ${MAX_COUNT} then n = ${MAX_COUNT}; redis.call('hset', KEYS[i], 'n', n) end
  else
    n, e = cost, now + window
    redis.call('hset', KEYS[i], 'n', n, 'e', string.format('%.0f', e))
    redis.call('pexpire', KEYS[i], window)
  end
  out[#out + 1] = n
  out[#out + 1] = e
end
return out`

const MARK = `
local now, window = tonumber(ARGV[2]), tonumber(ARGV[3])
local e = tonumber(redis.call('hget', KEYS[1], 'e'))
local n = tonumber(ARGV[1])
if e and e > now then
  n = bit.bor(n, tonumber(redis.call('hget', KEYS[1], 'n')))
  redis.call('hset', KEYS[1], 'n', n)
else
  redis.call('hset', KEYS[1], 'n', n, 'e', string.format('%.0f', now + window))
  redis.call('pexpire', KEYS[1], window)
end
return n`

const HOLD = `
redis.call('hset', KEYS[1], 'n', 1, 'e', ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
return 1`

const RELEASE = `
local now, drops = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 1, #KEYS do
  if i <= drops then
    redis.call('del', KEYS[i])
  else
    local e = tonumber(redis.call('hget', KEYS[i], 'e'))
    if e and e > now and tonumber(redis.call('hget', KEYS[i], 'n')) > 0 then redis.call('hincrby', KEYS[i], 'n', -1) end
  end
end
return 1`

interface Commands {
  limitCharge(keyCount: number, ...args: (string | number)[]): Promise<number[]>
  limitMark(keyCount: number, ...args: (string | number)[]): Promise<number>
  limitHold(keyCount: number, ...args: (string | number)[]): Promise<number>
  limitRelease(keyCount: number, ...args: (string | number)[]): Promise<number>
}

const PREFIX = 'portico:limit:'
/** Stands in for a hold that is not asked for; in the slot of the buckets, as a script of a cluster may touch one only. */
const noHold = (beside: string): string => `${PREFIX}${beside.slice(0, beside.indexOf('}') + 1)}:none`
/** What readiness writes: a store that can be read and not be written counts nothing. */
const PROBE = '{ready}:probe'
const CONNECT_MS = 1_000

/** Counters in Redis or Valkey: one script call for any number of buckets; calls of one turn of the event loop go out together. */
export class RedisCounterStore implements CounterStore {
  readonly #opened: Promise<void>
  #redis: Client | null = null
  readonly #timeLimitMs: number
  #closed = false
  /** Why there is no connection; a command only says that there is none. */
  #lastError: Error | null = null

  constructor(url: string, timeLimitMs: number) {
    this.#timeLimitMs = timeLimitMs
    this.#opened = this.#open(url)
  }

  /** The client is loaded here: a process without Redis does not pay for it. */
  async #open(url: string): Promise<void> {
    const { openRedis } = await import('@portico/redis/open-redis')
    if (this.#closed) return
    // A command never waits for a lost connection (P6): it fails at once and the caller falls back, while ioredis reconnects by itself.
    const redis = openRedis(url, {
      commandTimeoutMs: this.#timeLimitMs,
      connectTimeoutMs: CONNECT_MS,
      autoPipelining: true,
      retriesPerCommand: 0,
      retryAtMostMs: 1_000,
      connectionName: 'portico-limits',
    })
    redis.on('error', (error: Error) => {
      this.#lastError = error
    })
    redis.on('ready', () => {
      this.#lastError = null
    })
    redis.defineCommand('limitCharge', { lua: CHARGE })
    redis.defineCommand('limitMark', { lua: MARK })
    redis.defineCommand('limitHold', { lua: HOLD })
    redis.defineCommand('limitRelease', { lua: RELEASE })
    this.#redis = redis
  }

  get #commands(): Commands {
    if (!this.#redis) throw new Error('not connected yet')
    return this.#redis as unknown as Commands
  }

  /** Resolves when connected, or after a second without a connection. */
  async settled(): Promise<void> {
    await this.#opened
    const redis = this.#redis
    if (!redis || redis.status === 'ready') return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CONNECT_MS)
      redis.once('ready', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async ping(): Promise<void> {
    try {
      await this.hold(PROBE, 1, 0)
    } catch (error) {
      throw this.#lastError ?? error
    }
  }

  async charge(charges: readonly Charge[], holdKey: string | null, now: number): Promise<ChargeResult> {
    const keys = [holdKey === null ? noHold(charges[0]?.key ?? '') : PREFIX + holdKey, ...charges.map((charge) => PREFIX + charge.key)]
    const costs = charges.flatMap((charge) => [charge.cost, charge.windowMs])
    const answer = await withTimeLimit(this.#commands.limitCharge(keys.length, ...keys, now, ...costs), this.#timeLimitMs)
    const heldUntil = answer[0] ?? 0
    if (heldUntil > 0) return { heldUntil }
    return { buckets: charges.map((_, i) => ({ count: Number(answer[i * 2 + 1]), expiresAt: Number(answer[i * 2 + 2]) })) }
  }

  async mark(key: string, place: number, windowMs: number, now: number): Promise<number> {
    return Number(await withTimeLimit(this.#commands.limitMark(1, PREFIX + key, 2 ** place, now, windowMs), this.#timeLimitMs))
  }

  async hold(key: string, until: number, now: number): Promise<void> {
    await withTimeLimit(this.#commands.limitHold(1, PREFIX + key, until, Math.max(1, Math.ceil(until - now))), this.#timeLimitMs)
  }

  async release(drop: readonly string[], refund: readonly string[], now: number): Promise<void> {
    const keys = [...drop, ...refund].map((key) => PREFIX + key)
    await withTimeLimit(this.#commands.limitRelease(keys.length, ...keys, now, drop.length), this.#timeLimitMs)
  }

  close(): void {
    this.#closed = true
    this.#redis?.disconnect()
  }
}
