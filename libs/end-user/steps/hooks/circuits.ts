/** So many failures in a row, and the endpoint is left alone. */
const FAILURES = 5
/** For so long; then one call finds out whether it answers again. */
const OPEN_MS = 30_000
const MOST = 10_000

interface Circuit {
  failures: number
  openUntil: number
}

/** Which endpoints do not answer: their callers are told at once instead of each waiting for five seconds. By process. */
export class Circuits {
  readonly #circuits = new Map<string, Circuit>()

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {}

  /** Whether a call may be made; the one that finds out counts as the only one until it ends or the time is over again. */
  admits(id: string): boolean {
    const circuit = this.#circuits.get(id)
    if (!circuit || circuit.failures < FAILURES) return true
    const now = this.monotonicMs()
    if (now < circuit.openUntil) return false
    circuit.openUntil = now + OPEN_MS
    return true
  }

  /** Whether it answers again after it did not. */
  succeeded(id: string): boolean {
    const circuit = this.#circuits.get(id)
    this.#circuits.delete(id)
    return circuit !== undefined && circuit.failures >= FAILURES
  }

  /** Whether this one opened the circuit. */
  failed(id: string): boolean {
    const circuit = this.#circuits.get(id) ?? { failures: 0, openUntil: 0 }
    circuit.failures += 1
    if (circuit.failures >= FAILURES) circuit.openUntil = this.monotonicMs() + OPEN_MS
    this.#circuits.set(id, circuit)
    const [oldest] = this.#circuits.keys()
    if (this.#circuits.size > MOST && oldest !== undefined) this.#circuits.delete(oldest)
    return circuit.failures === FAILURES
  }
}
