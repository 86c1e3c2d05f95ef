import { IntlMessageFormat } from 'intl-messageformat'
import en from '../locales/en.json' with { type: 'json' }

export type MessageKey = keyof typeof en
export type Catalogue = Readonly<Record<MessageKey, string>>
export type MessageValues = Readonly<Record<string, string | number>>

/** Every catalogue, by its language tag (BCP 47). English is the one that the others are held against. */
export const CATALOGUES = { en } satisfies Record<string, Catalogue>
export type Locale = keyof typeof CATALOGUES

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'he'])

/** What our pages say, in one language. Messages are ICU MessageFormat; each is parsed once, when it is first said. */
export class Words {
  readonly #formats = new Map<MessageKey, IntlMessageFormat>()
  readonly #catalogue: Catalogue
  readonly dir: 'ltr' | 'rtl'

  constructor(readonly locale: Locale) {
    this.#catalogue = CATALOGUES[locale]
    this.dir = RIGHT_TO_LEFT.has(locale) ? 'rtl' : 'ltr'
  }

  /** Text, not markup: a message that holds a name is escaped with it. */
  readonly say = (key: MessageKey, values: MessageValues = {}): string => {
    let format = this.#formats.get(key)
    if (!format) this.#formats.set(key, (format = new IntlMessageFormat(this.#catalogue[key], this.locale, undefined, { ignoreTag: true })))
    return String(format.format(values))
  }
}

const words = new Map<Locale, Words>()

export function wordsOf(locale: Locale): Words {
  let found = words.get(locale)
  if (!found) words.set(locale, (found = new Words(locale)))
  return found
}
