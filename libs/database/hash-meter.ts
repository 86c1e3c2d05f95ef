import type { Clock } from '@portico/kernel/clock'
import type { PlatformSql } from './platform-sql.js'

const FLUSH_MS = 10_000
/** Beyond this many projects a flush comes early. */
const MOST_PROJECTS = 1_000

/**
 * What a process spent on password hashes, by project, written down every ten seconds: no statement on the way of a request. «At least»:
 * what a process gathered since and did not live to write is not counted, and what may have been written is not written again.
 */
export class HashMeter {
  readonly #milliseconds = new Map<string, number>()
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly sql: PlatformSql,
    private readonly clock: Clock,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => void this.flush(), FLUSH_MS).unref()
  }

  add = (projectId: string, milliseconds: number): void => {
    this.#milliseconds.set(projectId, (this.#milliseconds.get(projectId) ?? 0) + milliseconds)
    if (this.#milliseconds.size >= MOST_PROJECTS) void this.flush()
  }

  async flush(): Promise<void> {
    if (this.#milliseconds.size === 0) return
    const gathered = [...this.#milliseconds].map(([id, milliseconds]) => [id, Math.round(milliseconds)] as const)
    this.#milliseconds.clear()
    try {
      await this.sql.run({
        name: 'note_hash_ms',
        text: 'select auth.note_hash_ms($1, $2, $3)',
        values: [gathered.map(([id]) => id), gathered.map(([, milliseconds]) => milliseconds), this.clock.now()],
      })
    } catch (error) {
      this.onError(error)
    }
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer)
    await this.flush()
  }
}
