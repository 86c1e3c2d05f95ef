import { Resolver } from 'node:dns/promises'
import { AuthError } from '@portico/kernel/auth-error'

/** Where the proof of a domain is looked up; injected, so that tests need no network. */
export interface TxtResolver {
  /**
   * The TXT records of a name, each joined to one text; none when the name does not exist. Throws `unavailable` when DNS does not answer.
   */
  lookUp(name: string): Promise<string[]>
}

const TIME_LIMIT_MS = 3_000
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

export const dnsTxtResolver: TxtResolver = {
  async lookUp(name) {
    const resolver = new Resolver({ timeout: TIME_LIMIT_MS, tries: 1 })
    const timer = setTimeout(() => resolver.cancel(), TIME_LIMIT_MS)
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    } catch (error) {
      if (NOTHING_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return []
      throw new AuthError('unavailable', { cause: error, message: 'The DNS did not answer. Try again shortly.' })
    } finally {
      clearTimeout(timer)
    }
  },
}
