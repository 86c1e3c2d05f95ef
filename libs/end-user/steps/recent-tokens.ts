import type { ProjectRecord } from '@portico/database/project-directory'
import type { AccessTokenClaims } from '@portico/tokens/access-token'

/** A good access token, taken apart. */
export interface CheckedToken {
  readonly project: ProjectRecord
  readonly token: string
  readonly claims: AccessTokenClaims
  /** `sub` and `sid` as the database spells them. */
  readonly userId: string
  readonly sessionId: string
}

const SEEN_SLOTS = 1 << 16
/** The end of the signature: as good as random, and a twentieth of the text to hash for the lookup. */
const KEY_CHARACTERS = 32

/**
 * Access tokens that were found good, so that the same one is not taken apart again. Two generations: when the young one is full it
 * becomes the old one, and what was not seen since falls out.
 *
 * A token is cached from its second use on; the first use leaves a byte. Caching each would fill the memory with tokens that never
 * come again, and moving them about cost more than taking one apart.
 *
 * An entry belongs to one project record. A change of keys, issuer or settings is a new record, and finds nothing here; times are left
 * to the caller. A token is found only by its whole text, signature included, so nothing is learnt by guessing at it.
 */
export class RecentTokens {
  #young = new Map<string, CheckedToken>()
  #old = new Map<string, CheckedToken>()
  readonly #seen = new Uint8Array(SEEN_SLOTS)

  constructor(private readonly maxPerGeneration = 2_000) {}

  find(project: ProjectRecord, token: string): CheckedToken | null {
    const key = token.slice(-KEY_CHARACTERS)
    let found = this.#young.get(key)
    if (!found) {
      found = this.#old.get(key)
      if (found) this.#keep(found)
    }
    return found?.project === project && found.token === token ? found : null
  }

  /** For good tokens only: what strangers make up leaves no trace. */
  remember(checked: CheckedToken): void {
    const { token } = checked
    // The end of a signature is as good as random: 16 bits of it choose the byte, 8 more are what it remembers.
    const end = token.length
    const bits =
      (token.charCodeAt(end - 2) & 63) |
      ((token.charCodeAt(end - 3) & 63) << 6) |
      ((token.charCodeAt(end - 4) & 63) << 12) |
      ((token.charCodeAt(end - 5) & 63) << 18)
    const slot = bits & (SEEN_SLOTS - 1)
    const mark = (bits >>> 16) || 1
    if (this.#seen[slot] === mark) this.#keep(checked)
    else this.#seen[slot] = mark
  }

  #keep(checked: CheckedToken): void {
    if (this.#young.size >= this.maxPerGeneration) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(checked.token.slice(-KEY_CHARACTERS), checked)
  }
}
