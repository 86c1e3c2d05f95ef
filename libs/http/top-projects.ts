/** Keeps this many for each that is shown, so that one that comes late can still rise. */
const KEPT_FOR_EACH = 10

/**
 * The projects with the most of something, in bounded memory (Metwally and others, «Space-Saving»): one that is new takes the place of the
 * least, and its count with it. A count is never too low; a project with more than 1/kept of all is never missed.
 */
export class TopProjects {
  readonly #counts = new Map<string, number>()
  readonly #kept: number

  constructor(private readonly shown: number) {
    this.#kept = shown * KEPT_FOR_EACH
  }

  add(projectId: string): void {
    const known = this.#counts.get(projectId)
    if (known !== undefined || this.#counts.size < this.#kept) {
      this.#counts.set(projectId, (known ?? 0) + 1)
      return
    }
    let least: [string, number] | null = null
    for (const entry of this.#counts) if (least === null || entry[1] < least[1]) least = entry
    if (least === null) return
    this.#counts.delete(least[0])
    this.#counts.set(projectId, least[1] + 1)
  }

  top(): { projectId: string; count: number }[] {
    return [...this.#counts]
      .map(([projectId, count]) => ({ projectId, count }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, this.shown)
  }
}
