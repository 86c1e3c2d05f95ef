import type { PlatformDb } from '@portico/database/platform-db'
import { readConsole, type ConsoleAccessMode } from '../records/console.store.js'

export interface AccessChoice {
  /** Said by the configuration; `null`: what was chosen in the console, or the default. */
  configured: ConsoleAccessMode | null
  gate: 'auto' | 'required' | 'disabled'
  production: boolean
}

// «Effective within one second everywhere»: other processes are not told, they ask again this often.
const MAX_AGE_MS = 900

/** How the console may be opened now. */
export class ConsoleAccess {
  #known: { mode: Promise<ConsoleAccessMode>; readAt: number } | null = null

  constructor(
    private readonly db: PlatformDb,
    private readonly choice: AccessChoice,
    /** Whether an owner could sign in at our own page. */
    private readonly ownerCanSignIn: () => Promise<boolean>,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  async mode(): Promise<ConsoleAccessMode> {
    if (this.choice.configured !== null) return this.choice.configured
    const now = this.monotonicMs()
    if (this.#known === null || now - this.#known.readAt >= MAX_AGE_MS) {
      const known = { mode: this.#read(), readAt: now }
      this.#known = known
      known.mode.catch(() => {
        if (this.#known === known) this.#known = null
      })
    }
    return this.#known.mode
  }

  /** Whether the mode may be chosen in the console. */
  get isConfigured(): boolean {
    return this.choice.configured !== null
  }

  /** It was chosen here. */
  forget(): void {
    this.#known = null
  }

  /** `auto` asks once there is an owner to be asked: before that a newcomer is in with one click, in development alone. */
  async #read(): Promise<ConsoleAccessMode> {
    const chosen = (await readConsole(this.db))?.access ?? null
    if (chosen !== null) return chosen
    if (this.choice.gate === 'disabled') return 'open'
    if (this.choice.gate === 'required' || this.choice.production) return 'password'
    return (await this.ownerCanSignIn()) ? 'password' : 'open'
  }
}
