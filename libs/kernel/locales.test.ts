import { expect, test } from 'vitest'
import { chooseLocale, readAcceptLanguage, readLocale } from './locales.js'

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['AR', 'ar'],
  ['ar-EG', 'ar'],
  ['xx', null],
  ['', null],
  ['../de', null],
  ['zh-TW', null],
])('%s is %s', (tag, locale) => expect(readLocale(tag)).toBe(locale))

test.each([
  ['de-CH,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.1, ar;q=0.9', 'ar'],
  ['xx, ar;q=0.5', 'ar'],
  ['ar;q=0, de', 'de'],
  ['*', null],
  [undefined, null],
  [',;q=,;;', null],
])('Accept-Language %s is %s', (header, locale) => expect(readAcceptLanguage(header)).toBe(locale))

test('the address comes first, then the user, the browser, the project', () => {
  const wishes = { asked: 'de', saved: 'ar', header: 'en', otherwise: 'en' as const }
  expect(chooseLocale(wishes)).toBe('de')
  expect(chooseLocale({ ...wishes, asked: 'xx' })).toBe('ar')
  expect(chooseLocale({ ...wishes, asked: undefined, saved: 7 })).toBe('en')
  expect(chooseLocale({ asked: undefined, header: undefined, otherwise: 'ar' })).toBe('ar')
})
