import { ERROR_CATALOGUE } from '@portico/kernel/auth-error'
import { LOCALES } from '@portico/kernel/locales'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, test } from 'vitest'
import { CATALOGUES, type MessageKey } from './catalogues.js'
import { refusalText } from './refusals.js'
import { wordsOf } from './words.js'

const keys = Object.keys(CATALOGUES.en) as MessageKey[]

/** The names in a message, plurals and their branches included. */
function placeholders(message: string): string[] {
  const found = new Set<string>()
  const walk = (parts: unknown) => {
    for (const part of parts as { type: number; value?: string; options?: Record<string, { value: unknown }> }[]) {
      if (part.type !== 0 && part.type !== 7 && part.value !== undefined) found.add(part.value)
      for (const option of Object.values(part.options ?? {})) walk(option.value)
    }
  }
  walk(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst())
  return [...found].toSorted()
}

test.each(LOCALES)('%s has every message, with the same placeholders, and nothing left in English', (locale) => {
  const catalogue = CATALOGUES[locale]
  expect(Object.keys(catalogue)).toEqual(keys)
  const wrong = keys.filter((key) => JSON.stringify(placeholders(catalogue[key])) !== JSON.stringify(placeholders(CATALOGUES.en[key])))
  expect(wrong).toEqual([])
  expect(keys.filter((key) => catalogue[key].trim() === '')).toEqual([])
  if (locale === 'en') return
  // A sentence that is the same was not translated; single words may be the same in two languages.
  const same = keys.filter((key) => catalogue[key] === CATALOGUES.en[key])
  const copied = same.filter((key) => / .* /.test(catalogue[key]) && !catalogue[key].startsWith('{'))
  expect(copied).toEqual([])
})

test('plurals are those of the language', () => {
  expect(wordsOf('en').say('account.recovery_left', { count: 1 })).toBe('1 recovery code left')
  expect(wordsOf('ar').say('account.recovery_left', { count: 2 })).toBe('بقي رمزا استرداد')
})

test('a refusal without a sentence of its own is told in general words, never by its code', () => {
  const texts = Object.keys(ERROR_CATALOGUE).map((code) => refusalText(wordsOf('de'), code as keyof typeof ERROR_CATALOGUE))
  expect(texts.filter((text) => text.includes('_'))).toEqual([])
})
