import { normalisePassword } from '@portico/crypto/normalise-password'
import { sha1Hex } from '@portico/crypto/sha1-hex'
import type { Clock } from '@portico/kernel/clock'
import { addSeconds, HOUR_SECONDS } from '@portico/kernel/duration'
import { GuardedHttp } from '@portico/outbound/guarded-http'

/** Nobody waits longer for a new password than this: then it counts as not leaked. */
const TIME_LIMIT_MS = 500
/** A padded answer has 800 to 1,000 lines of at most 50 bytes. */
const SIZE_LIMIT = 262_144
const MOST_OF_PROJECT = 20
const PREFIX_LENGTH = 5
const KEPT_SECONDS = HOUR_SECONDS
/** Of some 40 KB each. */
const MOST_KEPT = 200

interface Range {
  /** Rests of digests, each with a line break before and a colon after. */
  text: string
  until: Date
}

/**
 * Asks a list of leaked passwords by k-anonymity: five of forty hex digits of the SHA-1 leave us, and the answer, padded against who
 * watches its length, has every leaked digest that begins so. SHA-1 is what such lists are kept by; it protects nothing here.
 * Fails open: a list that is away, slow or wrong refuses nobody. The shipped blocklist has been asked before.
 */
export class LeakedPasswords {
  readonly #http: GuardedHttp
  /** By URL of the range, the least recently asked first. */
  readonly #kept = new Map<string, Range>()
  readonly #asking = new Map<string, Promise<string | null>>()

  constructor(
    { allowLoopback }: { allowLoopback: boolean },
    private readonly clock: Clock,
  ) {
    this.#http = new GuardedHttp({ allowLoopback, timeLimitMs: TIME_LIMIT_MS, sizeLimit: SIZE_LIMIT, maxPerProject: MOST_OF_PROJECT })
  }

  async has(who: { projectId: string; tenantId: string }, url: string, password: string): Promise<boolean> {
    const normalised = normalisePassword(password)
    if (!normalised.ok) return false
    const digest = sha1Hex(normalised.text)
    const range = await this.#rangeOf(who, `${url.replace(/\/$/, '')}/${digest.slice(0, PREFIX_LENGTH)}`)
    return range !== null && range.includes(`\n${digest.slice(PREFIX_LENGTH)}:`)
  }

  async #rangeOf(who: { projectId: string; tenantId: string }, url: string): Promise<string | null> {
    const now = this.clock.now()
    const kept = this.#kept.get(url)
    this.#kept.delete(url)
    if (kept && kept.until > now) {
      this.#kept.set(url, kept)
      return kept.text
    }
    // Of many at once for one range one asks.
    const asking = this.#asking.get(url) ?? this.#ask(who, url).finally(() => this.#asking.delete(url))
    this.#asking.set(url, asking)
    const text = await asking
    if (text !== null) this.#keep(url, { text, until: addSeconds(now, KEPT_SECONDS) })
    return text
  }

  #keep(url: string, range: Range): void {
    this.#kept.delete(url)
    this.#kept.set(url, range)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** `null`: no answer, or none of a list. */
  async #ask({ projectId, tenantId }: { projectId: string; tenantId: string }, url: string): Promise<string | null> {
    try {
      return await this.#http.within({ project: `${projectId} leaked`, tenant: `${tenantId} leaked` }, async (fetch) => {
        const response = await fetch(url, { headers: { accept: 'text/plain', 'add-padding': 'true' } })
        return response.status === 200 ? readRange(await response.text()) : null
      })
    } catch {
      return null
    }
  }
}

/** `null` for what is no list, such as the page of a portal in between. Padding has the count 0 and is no leak. */
function readRange(text: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (!lines.every((line) => /^[0-9A-Fa-f]{35}:\d+$/.test(line))) return null
  return lines.filter((line) => !/:0+$/.test(line)).map((line) => `\n${line.toUpperCase()}`).join('')
}
