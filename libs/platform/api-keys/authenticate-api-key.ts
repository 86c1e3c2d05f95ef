import type { PlatformDb } from '@portico/database/platform-db'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, MINUTE_SECONDS } from '@portico/kernel/duration'
import { findApiKeyByDigest, touchApiKey, type ApiKeyRow } from '../records/api-key.store.js'
import { isApiKey, storedForm } from './api-key.js'
import { asItsOwnerMay } from './key-of-member.js'

interface Slot {
  row: Promise<ApiKeyRow | null>
  readAt: number
  touchedAt: number
}

// «Effective within one second everywhere»: other processes are not told, they ask again this often.
const MAX_AGE_MS = 900
const MAX_SLOTS = 10_000

/** Who holds a presented key. Remembered for under a second; a revocation in this process counts at once. */
export class AuthenticateApiKey {
  readonly #slots = new Map<string, Slot>()

  constructor(
    private readonly db: PlatformDb,
    private readonly clock: Clock,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** The live key, or `null` for anything else: malformed, unknown, revoked, expired. */
  async execute(presented: string): Promise<ApiKeyRow | null> {
    if (!isApiKey(presented)) return null
    const { digest } = storedForm(presented)
    const name = Buffer.from(digest).toString('hex')
    const slot = this.#slot(name, digest)
    const row = await slot.row
    const now = this.clock.now()
    if (!row || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= now)) return null
    this.#touch(slot, row, now)
    return row
  }

  /** A key was revoked here. */
  forgetAll(): void {
    this.#slots.clear()
  }

  #slot(name: string, digest: Uint8Array<ArrayBuffer>): Slot {
    const now = this.monotonicMs()
    const found = this.#slots.get(name)
    if (found && now - found.readAt < MAX_AGE_MS) return found
    const slot: Slot = { row: this.#read(digest), readAt: now, touchedAt: found?.touchedAt ?? 0 }
    this.#slots.delete(name)
    this.#slots.set(name, slot)
    const drop = () => {
      if (this.#slots.get(name) === slot) this.#slots.delete(name)
    }
    // Unknown keys are not remembered: guesses must not push real keys out.
    slot.row.then((row) => (row ? undefined : drop()), drop)
    if (this.#slots.size > MAX_SLOTS) this.#slots.delete(this.#slots.keys().next().value!)
    return slot
  }

  async #read(digest: Uint8Array<ArrayBuffer>): Promise<ApiKeyRow | null> {
    return asItsOwnerMay(this.db, await findApiKeyByDigest(this.db, digest))
  }

  #touch(slot: Slot, row: ApiKeyRow, now: Date): void {
    const minuteAgo = addSeconds(now, -MINUTE_SECONDS)
    if ((row.lastUsedAt !== null && row.lastUsedAt > minuteAgo) || slot.touchedAt > minuteAgo.getTime()) return
    slot.touchedAt = now.getTime()
    // Not awaited: losing one loses nothing that counts.
    touchApiKey(this.db, row.id, now, minuteAgo).catch(() => undefined)
  }
}
