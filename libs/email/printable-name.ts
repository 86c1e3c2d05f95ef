import type { Locale } from '@portico/kernel/locales'
import { oneLine } from './printable.js'
import { sayIn } from './words.js'

const MAX_NAME_LENGTH = 60

/** A project's name as it may stand in a subject or a sentence: one line, printable, at most 60 characters. */
export function printableName(name: string, locale: Locale): string {
  return oneLine(name, MAX_NAME_LENGTH) || sayIn(locale)('your_app')
}
