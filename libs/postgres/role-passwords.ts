/**
 * The passwords that a role may have while the master key is rotated. The migrate command changes it for running processes at a moment of
 * its own, so the next one is tried when the server refuses one (28P01), and kept until that is refused as well.
 */
export class RolePasswords {
  readonly #candidates: readonly string[]
  #chosen = 0

  constructor(candidates: readonly [string, ...string[]]) {
    this.#candidates = candidates
  }

  get count(): number {
    return this.#candidates.length
  }

  get current(): string {
    return this.#candidates[this.#chosen]!
  }

  /** The server refused it. Of many connections that were refused the same one, the first moves on. */
  refused(password: string): void {
    if (password === this.current) this.#chosen = (this.#chosen + 1) % this.#candidates.length
  }
}

export function isPasswordRefused(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '28P01'
}
