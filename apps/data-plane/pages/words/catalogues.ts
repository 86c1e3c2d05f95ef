import type { Locale } from '@portico/kernel/locales'
import ar from '../locales/ar.json' with { type: 'json' }
import de from '../locales/de.json' with { type: 'json' }
import en from '../locales/en.json' with { type: 'json' }

export type MessageKey = keyof typeof en
export type Catalogue = Readonly<Record<MessageKey, string>>

/** Every catalogue. English is the one that the others are held against: one that lacks a key does not compile. */
export const CATALOGUES = { en, de, ar } satisfies Partial<Record<Locale, Catalogue>>

/** The languages that our pages speak. */
export type SpokenLocale = keyof typeof CATALOGUES
export const SPOKEN_LOCALES = Object.keys(CATALOGUES) as SpokenLocale[]

export const isSpoken = (locale: Locale): locale is SpokenLocale => Object.hasOwn(CATALOGUES, locale)
