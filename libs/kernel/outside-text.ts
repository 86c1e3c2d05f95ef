/** Printable ASCII needs no mending; most of what comes is that. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
/** Controls (NUL, which PostgreSQL refuses in text, among them) and line ends: the texts are shown on one line. */
const CONTROLS = / *[\p{Cc}\u2028\u2029][\p{Cc}\u2028\u2029 ]*/gu

/**
 * Text that somebody else chose, fit to be stored, shown and put into a URL: one line, no NUL, no lone surrogate, at the most `maxLength`
 * UTF-16 units and cut between code points. `null` when it is no text, or nothing is left of it.
 */
export function outsideText(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string') return null
  if (value.length <= maxLength && PLAIN.test(value)) return value
  // Bounded before the expensive steps: what comes from outside may be a megabyte.
  const mended = cutText(value, maxLength * 4).toWellFormed().replace(CONTROLS, ' ').trim()
  return cutText(mended, maxLength).trimEnd() || null
}

/** The longest beginning of at most `maxLength` UTF-16 units that ends between code points. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const last = text.charCodeAt(maxLength - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength)
}

/** An absolute http(s) URL that somebody else chose, exactly as it came, or `null`: a part of a URL is another URL. */
export function outsideUrl(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string' || value.length > maxLength || !value.isWellFormed() || /[\s\p{Cc}]/u.test(value) || !URL.canParse(value))
    return null
  const { protocol, username, password } = new URL(value)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' ? value : null
}
