import { isRightToLeft, type Locale } from '@portico/kernel/locales'
import { IntlMessageFormat } from 'intl-messageformat'
import { CATALOGUES, type Catalogue, type MessageKey } from './catalogues.js'

export type { MessageKey } from './catalogues.js'
export type MessageValues = Readonly<Record<string, string | number>>

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(CATALOGUES.en, key)
}

/** What our pages say, in one language. Messages are ICU MessageFormat; each is parsed once, when it is first said. */
export class Words {
  readonly #formats = new Map<MessageKey, IntlMessageFormat>()
  readonly #catalogue: Catalogue
  readonly #list: Intl.ListFormat
  readonly #date: Intl.DateTimeFormat
  readonly dir: 'ltr' | 'rtl'

  constructor(readonly locale: Locale) {
    this.#catalogue = CATALOGUES[locale]
    this.#list = new Intl.ListFormat(locale, { type: 'disjunction' })
    this.#date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
    this.dir = isRightToLeft(locale) ? 'rtl' : 'ltr'
  }

  /** Text, not markup: a message that holds a name is escaped with it. */
  readonly say = (key: MessageKey, values: MessageValues = {}): string => {
    let format = this.#formats.get(key)
    if (!format) this.#formats.set(key, (format = new IntlMessageFormat(this.#catalogue[key], this.locale, undefined, { ignoreTag: true })))
    return String(format.format(values))
  }

  /** «a, b or c». */
  list(items: readonly string[]): string {
    return this.#list.format(items)
  }

  date(instant: Date): string {
    return this.#date.format(instant)
  }
}

const made = new Map<Locale, Words>()

export function wordsOf(locale: Locale): Words {
  let found = made.get(locale)
  if (!found) made.set(locale, (found = new Words(locale)))
  return found
}
