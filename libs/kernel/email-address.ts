import { readDomainName } from './domain-name.js'

/** An address as mailed and as compared: the two differ in the letter case before the @ and in nothing else. */
export interface EmailAddress {
  /** The local part as typed, at the domain in its one form. Mail goes there. */
  typed: string
  /** The only form that is looked up, counted, and said to be verified. */
  normalised: string
}

const MAX_LENGTH = 254 // RFC 5321, 4.5.3.1.3 less the angle brackets (RFC 3696, erratum 1690)
const MAX_LOCAL_LENGTH = 64 // RFC 5321, 4.5.3.1.1
// RFC 5322 dot-atom, widened to any letter or digit (RFC 6531). Quoted local parts are refused on purpose: mailboxes do not have one,
// attacks do.
const ATOM = "(?!\\p{M})[\\p{L}\\p{N}\\p{M}!#$%&'*+/=?^_`{|}~-]+"
const LOCAL_PART = new RegExp(`^${ATOM}(\\.${ATOM})*$`, 'u')
const DOTTED_LOCAL_PART = new RegExp(`^\\.*${ATOM}(\\.+${ATOM})*\\.*$`, 'u')
const TOP_LABEL = /\.(?!\d+$)[a-z0-9-]{2,63}$/
// Invisible: zero-width characters, soft hyphens, variation selectors, marks that turn the direction of the text.
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cf}]/gu

/** Until 2009 Japanese carriers gave out addresses with dots in a row, or before the @, against RFC 5322. People still have them. */
const DOTTED_DOMAINS = [
  'docomo.ne.jp',
  'ezweb.ne.jp',
  'au.com',
  'ido.ne.jp',
  'vodafone.ne.jp',
  'softbank.ne.jp',
  'i.softbank.jp',
  'disney.ne.jp',
  'pdx.ne.jp',
  'willcom.com',
]

/**
 * Reads an address: trimmed, letters before the @ in lower case, the domain in its one form. No provider-specific folding (dots and +tags
 * are significant). `null` when it is not an address, and when reading it would change more than letter case: `adª@corp.test` is another
 * mailbox than `ada@corp.test`, and the owner of one must not be taken for the owner of the other.
 */
export function parseEmailAddress(input: string): EmailAddress | null {
  if (input.length > 4 * MAX_LENGTH) return null
  const text = input.trim()
  const at = text.lastIndexOf('@')
  if (at < 1) return null
  const typedLocal = text.slice(0, at)
  const local = typedLocal.toLowerCase()
  const domain = readDomainName(text.slice(at + 1))
  if (!domain?.exact || !TOP_LABEL.test(domain.ascii)) return null
  if (plain(typedLocal) !== typedLocal || plain(local) !== local || !sameLetters(typedLocal, local)) return null
  if (local.length > MAX_LOCAL_LENGTH || !(isDotted(domain.ascii) ? DOTTED_LOCAL_PART : LOCAL_PART).test(local)) return null
  const normalised = `${local}@${domain.ascii}`
  return normalised.length > MAX_LENGTH ? null : { typed: `${typedLocal}@${domain.ascii}`, normalised }
}

/**
 * The address that a text which is none looks like, for a hint: without invisible characters, compatibility characters folded (NFKC).
 * It is an address by the rule above, so it holds no white space, control characters or markup. `null` when there is none.
 */
export function resemblingAddress(input: string): string | null {
  if (input.length > 4 * MAX_LENGTH) return null
  const text = plain(input.trim()).toLowerCase().normalize('NFKC')
  const at = text.lastIndexOf('@')
  const domain = at < 1 ? null : readDomainName(text.slice(at + 1))
  return domain && (parseEmailAddress(`${text.slice(0, at)}@${domain.ascii}`)?.normalised ?? null)
}

/** What to look for among normalised addresses when somebody types a part of one: a domain in Unicode is kept as A-labels. */
export function addressSearchForms(input: string): string[] {
  const text = plain(input.trim()).toLowerCase()
  const at = text.lastIndexOf('@')
  const domain = readDomainName(text.slice(at + 1))
  return [...new Set([...(domain ? [text.slice(0, at + 1) + domain.ascii] : []), text])]
}

function plain(text: string): string {
  return text.replace(INVISIBLE, '').normalize('NFKC')
}

/** Letter for letter: `İ` becomes two characters in lower case, of which a mail server may make another name. */
function sameLetters(typed: string, lower: string): boolean {
  return [...typed].length === [...lower].length
}

function isDotted(domain: string): boolean {
  return DOTTED_DOMAINS.some((dotted) => domain === dotted || domain.endsWith(`.${dotted}`))
}
