const NAMES = new Intl.DisplayNames(['en'], { type: 'language' })

/** `de` → `German`. */
export function languageName(locale: string): string {
  try {
    return NAMES.of(locale) ?? locale
  } catch {
    return locale
  }
}
