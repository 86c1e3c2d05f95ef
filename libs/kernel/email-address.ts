import { domainToASCII } from 'node:url'

/** An address as typed (trimmed) and as compared. Only the normalised form is ever looked up or counted. */
export interface EmailAddress {
  typed: string
  normalised: string
}

const MAX_LENGTH = 254 // RFC 5321, 4.5.3.1.3 less the angle brackets (RFC 3696, erratum 1690)
const MAX_LOCAL_LENGTH = 64 // RFC 5321, 4.5.3.1.1
// RFC 5322 dot-atom, widened to any letter or digit (RFC 6531). Quoted local parts are refused on purpose: nobody has one, attackers do.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u
// What the URL parser behind domainToASCII would cut off or decode: `a@x.example/evil` must not be read as `a@x.example`.
const URL_SYNTAX = /[\s/\\?#@:%[\]]/
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const TOP_LABEL = /\.(?!\d+$)[a-z0-9-]{2,63}$/

/**
 * Reads an address: trim, NFKC, lower case, IDN to ASCII. No provider-specific folding (dots and +tags are significant).
 * Returns `null` when it is not an address.
 */
export function parseEmailAddress(input: string): EmailAddress | null {
  if (input.length > 4 * MAX_LENGTH) return null
  const typed = input.trim()
  const folded = typed.normalize('NFKC').toLowerCase()
  const at = folded.lastIndexOf('@')
  if (at < 1) return null
  const local = folded.slice(0, at)
  const typedDomain = folded.slice(at + 1)
  if (URL_SYNTAX.test(typedDomain)) return null
  const domain = domainToASCII(typedDomain)
  if (local.length > MAX_LOCAL_LENGTH || !LOCAL_PART.test(local)) return null
  if (!DOMAIN.test(domain) || !TOP_LABEL.test(domain)) return null
  const normalised = `${local}@${domain}`
  if (normalised.length > MAX_LENGTH || typed.length > MAX_LENGTH) return null
  return { typed, normalised }
}
