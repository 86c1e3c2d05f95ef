const KEPT_MS = 10_000
const MOST = 1_000

/**
 * One renewal for all requests that come with the same cookie: a page asks for its parts at once, and those that were sent before the
 * answer with the new cookie came get what the first one got. Other processes ask `AUTH_URL` themselves, which answers the same child of
 * the same token as long as that child was not used.
 */
export class RefreshOnce<Tokens> {
  readonly #answers = new Map<string, { answer: Promise<Tokens>; until: number }>()

  get(refreshToken: string, ask: () => Promise<Tokens>): Promise<Tokens> {
    const now = Date.now()
    const known = this.#answers.get(refreshToken)
    if (known && known.until > now) return known.answer
    for (const [token, { until }] of this.#answers) {
      if (until > now && this.#answers.size < MOST) break
      this.#answers.delete(token)
    }
    const answer = ask()
    const entry = { answer, until: now + KEPT_MS }
    this.#answers.set(refreshToken, entry)
    // What failed is asked again by whoever comes next.
    answer.catch(() => {
      if (this.#answers.get(refreshToken) === entry) this.#answers.delete(refreshToken)
    })
    return answer
  }
}
