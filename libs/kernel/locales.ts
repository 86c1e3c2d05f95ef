/** The languages that pages and mails speak, as BCP 47 tags. */
export const LOCALES = ['en', 'de', 'fr', 'es', 'pt-BR', 'it', 'nl', 'pl', 'tr', 'ja', 'zh-Hans', 'ko', 'ar', 'he', 'hi'] as const
export type Locale = (typeof LOCALES)[number]

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar', 'he'])

export const isRightToLeft = (locale: Locale): boolean => RIGHT_TO_LEFT.has(locale)

/** The one of ours that a tag means: the same, or the same language (`de-AT` is German, `zh-CN` simplified Chinese); `null`: none. */
export function readLocale(tag: string): Locale | null {
  const wanted = tag.trim().toLowerCase()
  const exact = LOCALES.find((locale) => locale.toLowerCase() === wanted)
  if (exact) return exact
  const [language = '', ...rest] = wanted.split(/[-_]/)
  // Traditional Chinese is another script, not another spelling.
  if (language === 'zh' && rest.some((part) => ['hant', 'tw', 'hk', 'mo'].includes(part))) return null
  return LOCALES.find((locale) => locale.toLowerCase().split('-')[0] === language) ?? null
}

/** `Accept-Language` (RFC 9110, 12.5.4): ours that is wanted most; `null`: none is. */
export function readAcceptLanguage(header: string | undefined): Locale | null {
  const wanted = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';')
      const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined)
      return { locale: readLocale(tag), weight: q === undefined ? 1 : Number(q) }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  return wanted.find(({ locale }) => locale !== null)?.locale ?? null
}

export interface LocaleWishes {
  /** Of this address. */
  asked: string | undefined
  /** Of the user. */
  saved?: unknown
  /** `Accept-Language`. */
  header: string | undefined
  /** The project's. */
  otherwise: Locale
}

/** What was asked for in the address, else what the user has saved, else what the browser prefers, else the project's own. */
export function chooseLocale({ asked, saved, header, otherwise }: LocaleWishes): Locale {
  const read = (value: unknown) => (typeof value === 'string' ? readLocale(value) : null)
  return read(asked) ?? read(saved) ?? readAcceptLanguage(header) ?? otherwise
}
