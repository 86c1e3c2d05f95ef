export type Environment = Readonly<Record<string, string | undefined>>

export interface ConfigProblem {
  variable: string
  /** What is wrong and what to do; never the value, which may be a secret. */
  problem: string
}

/** Thrown once, with everything that is wrong. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['The configuration is not usable:', ...problems.map(({ variable, problem }) => `  ${variable} ${problem}`)].join('\n'))
    this.name = 'ConfigError'
  }
}

// A line break in a header value or an address is always a mistake.
const CONTROL_CHARACTER = /\p{Cc}/u

/** Reads variables one by one, collects every problem, and throws them together in `finish`. An empty variable counts as unset. */
export class EnvReader {
  readonly #env: Environment
  readonly #problems: ConfigProblem[] = []

  constructor(env: Environment) {
    this.#env = env
  }

  problem(variable: string, problem: string): void {
    if (!this.#problems.some((known) => known.variable === variable)) this.#problems.push({ variable, problem })
  }

  isSet(variable: string): boolean {
    return (this.#env[variable] ?? '').trim() !== ''
  }

  text(variable: string): string | null {
    const value = (this.#env[variable] ?? '').trim()
    if (value === '') return null
    if (CONTROL_CHARACTER.test(value)) {
      this.problem(variable, 'contains a control character or a line break')
      return null
    }
    return value
  }

  required(variable: string, advice: string): string {
    const value = this.text(variable)
    if (value === null) this.problem(variable, `is not set: ${advice}`)
    return value ?? ''
  }

  oneOf<const T extends string>(variable: string, allowed: readonly T[], fallback: T): T {
    const value = this.text(variable)
    if (value === null) return fallback
    const found = allowed.find((candidate) => candidate === value)
    if (found === undefined) this.problem(variable, `must be one of ${allowed.join(', ')}`)
    return found ?? fallback
  }

  integer(variable: string, range: { min: number; max: number; fallback: number }): number {
    const value = this.text(variable)
    if (value === null) return range.fallback
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (number >= range.min && number <= range.max) return number
    this.problem(variable, `must be a whole number from ${range.min} to ${range.max}`)
    return range.fallback
  }

  /** `1` and `true` are on; `0`, `false` and unset are off. */
  flag(variable: string): boolean {
    const value = this.oneOf(variable, ['0', '1', 'false', 'true'], '0')
    return value === '1' || value === 'true'
  }

  /** A host name or address to listen on. */
  host(variable: string, fallback: string): string {
    const value = this.text(variable) ?? fallback
    if (!/^[A-Za-z0-9.:-]+$/.test(value)) this.problem(variable, 'must be a host name or an address, without port or scheme')
    return value
  }

  /** An absolute http(s) address without trailing slash, query, fragment or credentials. */
  httpUrl(variable: string, fallback: string | null): string | null {
    const value = this.text(variable)
    if (value === null) return fallback
    const url = parseUrl(value)
    if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password || url.search || url.hash) {
      this.problem(variable, 'must be an http:// or https:// address without credentials, query or fragment')
      return fallback
    }
    return url.href.replace(/\/+$/, '')
  }

  /** Several variables that are set together or not at all. */
  group(variables: readonly string[]): boolean {
    const missing = variables.filter((variable) => !this.isSet(variable))
    if (missing.length === 0) return true
    const present = variables.filter((variable) => this.isSet(variable))
    if (present.length > 0) {
      for (const variable of missing) this.problem(variable, `is not set, but ${present.join(' and ')} ${present.length > 1 ? 'are' : 'is'}: set all of them or none`)
    }
    return false
  }

  /** Throws ConfigError when anything was wrong. */
  finish(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems)
  }
}

export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
