import { domainToASCII, domainToUnicode } from 'node:url'

export interface DomainName {
  /** The one form that is stored, compared, searched and mailed: lower case, A-labels (RFC 5890), no dot at the end. */
  ascii: string
  /**
   * False when reading it took more than letter case and A-labels: characters that are dropped or replaced (UTS 46), or a dot at the end.
   */
  exact: boolean
}

// What the URL parser behind domainToASCII would cut off or decode: `x.example/evil` must not be read as `x.example`.
const URL_SYNTAX = /[\s/\\?#@:%[\]]/
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
// Longer than any name in any spelling; domainToASCII takes quadratic time.
const MAX_TYPED = 1_000

/**
 * Reads a domain name in any spelling: Unicode or A-labels, any case, with or without a dot at the end. `null` for what is none, bad
 * A-labels included.
 */
export function readDomainName(text: string): DomainName | null {
  if (text.length > MAX_TYPED || URL_SYNTAX.test(text)) return null
  const ascii = domainToASCII(text).replace(/\.$/, '')
  if (!DOMAIN.test(ascii)) return null
  const labels = ascii.split('.')
  if (!labels.every(isGenuine)) return null
  const typed = text.toLowerCase().split('.')
  const exact = typed.length === labels.length && labels.every((label, i) => typed[i] === label || typed[i] === domainToUnicode(label))
  return { ascii, exact }
}

/** An A-label stands for the U-label that gives it back; anything else with `xn--` is a second spelling of some other name, or of none. */
function isGenuine(label: string): boolean {
  if (!label.startsWith('xn--')) return true
  const unicode = domainToUnicode(label)
  return unicode !== label && unicode !== '' && domainToASCII(unicode) === label
}
