import type { ErrorCode } from '@portico/kernel/auth-error'
import { CATALOGUES, type MessageKey, type Words } from './words.js'

/** What a person is told of a refusal; the sentences of the catalogue of errors are for developers. */
export function refusalText(words: Words, code: ErrorCode): string {
  const key = `refused.${code}`
  return words.say(Object.hasOwn(CATALOGUES.en, key) ? (key as MessageKey) : 'refused.other')
}
