import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

const FORWARDED: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT']
const ENDING: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
// Ctrl-C and Ctrl-\ reach the whole foreground group of a terminal: the command has had its own already.
const SENT_BY_THE_TERMINAL: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/** Takes this process's signals from its construction to `close()`: to the command once there is one, as a wish to stop before. */
export class SignalRelay {
  readonly #atTerminal: boolean
  readonly #stop = new AbortController()
  #child: ChildProcess | null = null
  #endedBy: NodeJS.Signals | null = null

  constructor(atTerminal: boolean) {
    this.#atTerminal = atTerminal
    for (const signal of FORWARDED) process.on(signal, this.#relay)
  }

  /** Aborted by a signal that came before there was a command. */
  get stopped(): AbortSignal {
    return this.#stop.signal
  }

  /** The exit code that shells use for it. */
  get exitCode(): number {
    return 128 + (this.#endedBy ? constants.signals[this.#endedBy] : 0)
  }

  attach(child: ChildProcess): void {
    this.#child = child
  }

  close(): void {
    for (const signal of FORWARDED) process.off(signal, this.#relay)
  }

  readonly #relay = (signal: NodeJS.Signals): void => {
    if (this.#child) {
      if (!this.#atTerminal || !SENT_BY_THE_TERMINAL.includes(signal)) this.#child.kill(signal)
    } else if (ENDING.includes(signal)) {
      this.#endedBy ??= signal
      this.#stop.abort()
    }
  }
}
