import { pause } from './backoff.js'
import type { AuthStorage } from './storage.js'

// A tab may be frozen with the lock in its hands. Going ahead without it is safe: the server gives the same child token to every tab
// that brings the parent, until one of them uses the child.
const PATIENCE_MS = 10_000
const LEASE_MS = 10_000
const SETTLE_MS = 30

/** Runs `work` in one tab at a time: with Web Locks where they exist, else with a lease in the storage that the tabs share. */
export function inOneTab<T>(name: string, storage: AuthStorage, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  return locks ? withWebLock(locks, name, work) : withLease(storage, name, work)
}

async function withWebLock<T>(locks: LockManager, name: string, work: () => Promise<T>): Promise<T> {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), PATIENCE_MS)
  let entered = false
  try {
    return (await locks.request(name, { signal: waiting.signal }, () => {
      clearTimeout(timer)
      entered = true
      return work()
    })) as T
  } catch (error) {
    if (entered || !waiting.signal.aborted) throw error
    return work()
  } finally {
    clearTimeout(timer)
  }
}

async function withLease<T>(storage: AuthStorage, key: string, work: () => Promise<T>): Promise<T> {
  const me = String(Math.random())
  const giveUpAt = Date.now() + PATIENCE_MS
  while (Date.now() < giveUpAt) {
    if (isFree(await storage.getItem(key))) {
      await storage.setItem(key, JSON.stringify([me, Date.now() + LEASE_MS]))
      // Two tabs may have seen it free: the one that wrote last has it, once both have written.
      await pause(SETTLE_MS)
      if (await holds(storage, key, me)) {
        try {
          return await work()
        } finally {
          if (await holds(storage, key, me)) await storage.removeItem(key)
        }
      }
    }
    await pause(SETTLE_MS + Math.random() * SETTLE_MS)
  }
  return work()
}

function isFree(lease: string | null): boolean {
  if (lease === null) return true
  const until = readLease(lease)[1]
  const now = Date.now()
  // Too far ahead means that the clock was moved back since.
  return until <= now || until > now + LEASE_MS
}

async function holds(storage: AuthStorage, key: string, me: string): Promise<boolean> {
  return readLease((await storage.getItem(key)) ?? '')[0] === me
}

function readLease(text: string): [string, number] {
  try {
    const [owner, until] = JSON.parse(text) as [unknown, unknown]
    return [String(owner), Number(until) || 0]
  } catch {
    return ['', 0]
  }
}
