import type { ProjectRecord } from '@portico/database/project-directory'
import { AuthError } from '@portico/kernel/auth-error'
import type { Clock } from '@portico/kernel/clock'

/** Where failures of one source over all projects are sketched. */
export interface FailureSketch {
  /** What a client address is counted by; `null`: an inner address, which may be everybody's. */
  sourceOf(clientAddress: string | null): string | null
  /** Notes that a source failed at a project on a day. At about how many it has by now; `null`: that cannot be told. */
  note(day: string, source: string, projectId: string): Promise<number | null>
  /** Seconds that this account must still be waited for from this source, counted from when it was first asked about; 0: it may go on. */
  wait(project: ProjectRecord, source: string, address: string, seconds: number): Promise<number>
}

/** An app has people who mistype; nobody mistypes at so many apps on one day. */
const SUSPECTED_FROM = 20
/** How long an account is waited for, by at how many projects its source has failed. */
const WAITS: readonly (readonly [projects: number, seconds: number])[] = [
  [60, 60],
  [40, 20],
  [SUSPECTED_FROM, 5],
]
/** Sources and pairs that a process remembers; the oldest go first. */
const MOST = 20_000

/**
 * Credential stuffing is one list of passwords tried at many apps, a few times at each, so no app's own limits see it. Sources that fail
 * over many projects of the installation wait for each account that they come to for the first time, at every project: a tool that tries a
 * million accounts once each gets none of them, a person tries again in seconds. Known devices and addresses never wait, nor does anybody
 * longer because of somebody else: one stranger behind the address of an office slows down the first sign-ins of others there, and stops
 * none.
 *
 * A project that asks for a captcha has asked already. No project learns at which others a source has failed.
 */
export class SuspectedSources {
  readonly #projects = new Map<string, number>()
  readonly #noted = new Set<string>()
  #day = ''

  constructor(
    private readonly sketch: FailureSketch,
    private readonly clock: Clock,
  ) {}

  /** A stranger's password or code was wrong. One statement for the first time at this project and day, none afterwards. Never throws. */
  async failed(project: ProjectRecord, clientAddress: string | null): Promise<void> {
    const source = this.#sourceOf(clientAddress)
    if (source === null) return
    const { projectId } = project.scope
    const pair = `${source} ${projectId}`
    if (this.#noted.has(pair)) return
    const projects = await this.sketch.note(this.#day, source, projectId)
    // Not told: asked again with the next failure. Until then nobody is suspected.
    if (projects === null) return
    this.#noted.add(pair)
    bound(this.#noted)
    // Answers of several at once may come in another order.
    const most = Math.max(projects, this.#projects.get(source) ?? 0)
    this.#projects.delete(source)
    this.#projects.set(source, most)
    bound(this.#projects)
  }

  /** Whether who comes from there is to be looked at more closely. Asks nothing but the memory of this process. */
  isSuspected(project: ProjectRecord, clientAddress: string | null): boolean {
    const source = this.#sourceOf(clientAddress)
    return source !== null && (this.#projects.get(source) ?? 0) >= SUSPECTED_FROM && project.settings.captcha === null
  }

  /** Throws `rate_limited` with the reason for an account that this source has not waited for. */
  async admit(project: ProjectRecord, address: string, clientAddress: string | null): Promise<void> {
    const source = this.#sourceOf(clientAddress)
    const projects = source === null ? 0 : (this.#projects.get(source) ?? 0)
    const [, seconds] = WAITS.find(([from]) => projects >= from) ?? [0, 0]
    if (source === null || seconds === 0) return
    const left = await this.sketch.wait(project, source, address, seconds)
    if (left === 0) return
    const message = `Sign-ins from this network have failed at many apps today. Try again in ${left} seconds, or sign in another way.`
    const details = [{ field: 'client', code: 'suspected_source', message }]
    throw new AuthError('rate_limited', { retryAfterSeconds: left, message, details })
  }

  /** Forgotten with the day, as the salt of the sketch is. */
  #sourceOf(clientAddress: string | null): string | null {
    const day = this.clock.now().toISOString().slice(0, 10)
    if (day !== this.#day) {
      this.#projects.clear()
      this.#noted.clear()
      this.#day = day
    }
    return this.sketch.sourceOf(clientAddress)
  }
}

function bound(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size <= MOST) return
  for (const oldest of kept.keys()) {
    kept.delete(oldest)
    return
  }
}
