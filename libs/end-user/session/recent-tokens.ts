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
  /** What `/verify` answers for it, once somebody asked. */
  answer: string | null
}

/**
 * Access tokens that were found good, so that the same one is not taken apart again. Two generations: when the young one is full it
 * becomes the old one, and what was not seen since falls out.
 *
 * An entry belongs to one project record. A change of keys, issuer or settings is a new record, and finds nothing here; times are left
 * to the caller. A token is looked up by its whole text, signature included, so nothing is learnt by guessing at it.
 */
export class RecentTokens {
  #young = new Map<string, CheckedToken>()
  #old = new Map<string, CheckedToken>()

  constructor(private readonly maxPerGeneration = 2_000) {}

  find(project: ProjectRecord, token: string): CheckedToken | null {
    let found = this.#young.get(token)
    if (!found) {
      found = this.#old.get(token)
      if (found) this.remember(found)
    }
    return found?.project === project ? found : null
  }

  remember(checked: CheckedToken): void {
    if (this.#young.size >= this.maxPerGeneration) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(checked.token, checked)
  }
}
