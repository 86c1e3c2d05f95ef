import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { normalisePassword } from './normalise-password.js'

/** By zxcvbn: 0 is guessed at once, 4 by nobody. */
export interface PasswordRating {
  score: 0 | 1 | 2 | 3 | 4
  /** Stable words such as `common` or `key_pattern`, for texts in the reader's language; `null`: nothing to say. */
  warning: string | null
  suggestions: string[]
}

/** Longer passwords are rated by their beginning: the work grows faster than the length, and what is strong there stays strong. */
const RATED_LENGTH = 72

let loading: Promise<ZxcvbnFactory> | null = null

/**
 * How hard a password is to guess for somebody who knows these words of its owner. The lists are some 2 MB, so they are loaded by the first
 * call and never by a process that has none.
 */
export async function ratePassword(password: string, words: readonly string[]): Promise<PasswordRating> {
  const normalised = normalisePassword(password)
  if (!normalised.ok || normalised.text === '') return { score: 0, warning: null, suggestions: [] }
  loading ??= load()
  const rated = [...normalised.text].slice(0, RATED_LENGTH).join('')
  const { score, feedback } = (await loading).check(rated, words.filter((word) => word !== '').map((word) => word.slice(0, RATED_LENGTH)))
  return { score, warning: feedback.warning ? snake(feedback.warning) : null, suggestions: feedback.suggestions.map(snake) }
}

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  return new Factory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    maxLength: RATED_LENGTH,
    // Each way of writing `a` as `4` is tried; more of them make a password no weaker and an answer slower.
    l33tMaxSubstitutions: 20,
  })
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
