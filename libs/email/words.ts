import type { Locale } from '@portico/kernel/locales'
import { IntlMessageFormat } from 'intl-messageformat'
import ar from './locales/ar.json' with { type: 'json' }
import de from './locales/de.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }
import es from './locales/es.json' with { type: 'json' }
import fr from './locales/fr.json' with { type: 'json' }
import he from './locales/he.json' with { type: 'json' }
import hi from './locales/hi.json' with { type: 'json' }
import it from './locales/it.json' with { type: 'json' }
import ja from './locales/ja.json' with { type: 'json' }
import ko from './locales/ko.json' with { type: 'json' }
import nl from './locales/nl.json' with { type: 'json' }
import pl from './locales/pl.json' with { type: 'json' }
import ptBR from './locales/pt-BR.json' with { type: 'json' }
import tr from './locales/tr.json' with { type: 'json' }
import zhHans from './locales/zh-Hans.json' with { type: 'json' }

export type MailMessage = keyof typeof en
type Catalogue = Readonly<Record<MailMessage, string>>

/** What our mails say. English is the one that the others are held against: one that lacks a key does not compile. */
export const CATALOGUES: Readonly<Record<Locale, Catalogue>> = {
  ar,
  de,
  en,
  es,
  fr,
  he,
  hi,
  it,
  ja,
  ko,
  nl,
  pl,
  'pt-BR': ptBR,
  tr,
  'zh-Hans': zhHans,
}

/** Says a message of a catalogue, as plain text: whatever it holds is escaped with it. */
export type Say = (key: MailMessage, values?: Readonly<Record<string, string>>) => string

const parsed = new Map<string, IntlMessageFormat>()

/** ICU MessageFormat; each message is parsed once, when it is first said. */
export function sayIn(locale: Locale): Say {
  return (key, values = {}) => {
    const known = parsed.get(`${locale} ${key}`)
    const format = known ?? new IntlMessageFormat(CATALOGUES[locale][key], locale, undefined, { ignoreTag: true })
    if (!known) parsed.set(`${locale} ${key}`, format)
    return String(format.format(values))
  }
}
