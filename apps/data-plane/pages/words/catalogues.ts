import type { Locale } from '@portico/kernel/locales'
import ar from '../locales/ar.json' with { type: 'json' }
import de from '../locales/de.json' with { type: 'json' }
import en from '../locales/en.json' with { type: 'json' }
import es from '../locales/es.json' with { type: 'json' }
import fr from '../locales/fr.json' with { type: 'json' }
import he from '../locales/he.json' with { type: 'json' }
import hi from '../locales/hi.json' with { type: 'json' }
import it from '../locales/it.json' with { type: 'json' }
import ja from '../locales/ja.json' with { type: 'json' }
import ko from '../locales/ko.json' with { type: 'json' }
import nl from '../locales/nl.json' with { type: 'json' }
import pl from '../locales/pl.json' with { type: 'json' }
import ptBR from '../locales/pt-BR.json' with { type: 'json' }
import tr from '../locales/tr.json' with { type: 'json' }
import zhHans from '../locales/zh-Hans.json' with { type: 'json' }

export type MessageKey = keyof typeof en
export type Catalogue = Readonly<Record<MessageKey, string>>

/** Every catalogue. English is the one that the others are held against: one that lacks a key does not compile. */
export const CATALOGUES: Readonly<Record<Locale, Catalogue>> = {
  en, de, fr, es, 'pt-BR': ptBR, it, nl, pl, tr, ja, 'zh-Hans': zhHans, ko, ar, he, hi,
}
