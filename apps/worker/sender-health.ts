import type { SendResult } from '@portico/email/senders/sender'

export interface SenderHealthParts {
  /** The sender is refused, or reaches nobody: told once, until it is well again. */
  onBroken: (code: string, detail: string | undefined) => void
  onWell: () => void
  /** Tries in a row without an answer after which it counts as broken; without it only a refusal does. */
  silentTries?: number
  probeMs?: number
  /** It was refused before this process began. */
  startsBroken?: boolean
  /** Monotonic milliseconds. */
  monotonicMs?: () => number
}

const PROBE_MS = 30_000
/** How long the others wait while one mail is tried. */
const WHILE_PROBING_MS = 2_000

/**
 * Whether a sender is worth a try. A refused key, login or certificate is the fault of the sender and not of a mail: while it lasts one
 * mail in
 * 30 s is tried, for all of them, and the first that goes through lets the others go.
 */
export class SenderHealth {
  readonly #parts: Required<Omit<SenderHealthParts, 'silentTries' | 'startsBroken'>> & Pick<SenderHealthParts, 'silentTries'>
  #broken: { nextProbeAt: number; probing: boolean } | null = null
  #silent = 0

  constructor(parts: SenderHealthParts) {
    this.#parts = { probeMs: PROBE_MS, monotonicMs: () => performance.now(), ...parts }
    if (parts.startsBroken === true) this.#broken = { nextProbeAt: -Infinity, probing: false }
  }

  get broken(): boolean {
    return this.#broken !== null
  }

  /** 0: a mail may be tried now, and `report` is owed. Else the milliseconds after which to ask again. */
  waitMs(): number {
    const state = this.#broken
    if (!state) return 0
    if (state.probing) return WHILE_PROBING_MS
    const left = state.nextProbeAt - this.#parts.monotonicMs()
    if (left > 0) return left
    state.probing = true
    return 0
  }

  report(result: SendResult): void {
    if (result.kind === 'sender_refused') return this.#break(result.code, result.detail)
    if (result.kind === 'retry') {
      const silent = result.untouched === true || result.code === 'no_answer'
      this.#silent = silent ? this.#silent + 1 : 0
      if (this.#parts.silentTries !== undefined && this.#silent >= this.#parts.silentTries) return this.#break(result.code, result.detail)
      // A probe that was put off shows neither that it is well nor that it is not.
      if (this.#broken) this.#postpone()
      return
    }
    this.#silent = 0
    if (!this.#broken) return
    this.#broken = null
    this.#parts.onWell()
  }

  #break(code: string, detail: string | undefined): void {
    const known = this.#broken !== null
    this.#postpone()
    if (!known) this.#parts.onBroken(code, detail)
  }

  #postpone(): void {
    this.#broken = { nextProbeAt: this.#parts.monotonicMs() + this.#parts.probeMs, probing: false }
  }
}
